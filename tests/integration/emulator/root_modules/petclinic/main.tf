# Every resource type of a platform like PetClinic, each with the arguments that a careful platform states.
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
    tags = { platform = "petclinic", environment = "production" }
  }
}

# CloudFront, its certificate, its web ACL and the metrics of Route 53 health checks live there.
provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
  default_tags {
    tags = { platform = "petclinic", environment = "production" }
  }
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}
data "aws_partition" "current" {}

locals {
  name    = "petclinic"
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.name
  zones   = ["ap-northeast-2a", "ap-northeast-2c"]
  host    = "www.petclinic.example"
}
