# What platforms beyond PetClinic add: caches, streams, Aurora across regions, backups, functions and their like.
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = "ap-northeast-2"
  default_tags {
    tags = { platform = "wider" }
  }
}

provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
  default_tags {
    tags = { platform = "wider" }
  }
}

data "aws_caller_identity" "current" {}

locals {
  name    = "wider"
  account = data.aws_caller_identity.current.account_id
  trust = { for service in ["backup", "lambda", "states", "s3", "budgets"] : service => jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "${service}.amazonaws.com" } }]
  }) }
}

resource "aws_iam_role" "this" {
  for_each           = local.trust
  name               = "${local.name}-${each.key}"
  assume_role_policy = each.value
}

resource "aws_vpc" "this" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "this" {
  count             = 2
  vpc_id            = aws_vpc.this.id
  cidr_block        = "10.1.${count.index}.0/24"
  availability_zone = ["ap-northeast-2a", "ap-northeast-2c"][count.index]
}

resource "aws_security_group" "this" {
  name   = local.name
  vpc_id = aws_vpc.this.id
}

resource "aws_ec2_transit_gateway" "this" {}

resource "aws_ec2_transit_gateway_vpc_attachment" "this" {
  transit_gateway_id = aws_ec2_transit_gateway.this.id
  vpc_id             = aws_vpc.this.id
  subnet_ids         = aws_subnet.this[*].id
}

resource "aws_kms_key" "this" {
  multi_region            = true
  deletion_window_in_days = 7
}

resource "aws_kms_replica_key" "this" {
  provider                = aws.us_east_1
  primary_key_arn         = aws_kms_key.this.arn
  deletion_window_in_days = 7
}
