terraform {
  required_version = "~> 1.9.0"

  required_providers {
    aws     = { source = "hashicorp/aws", version = "~> 5.75.0" }
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.6.0" }
  }

  backend "s3" {
    bucket         = "petclinic-terraform-state"
    key            = "prod/terraform.tfstate"
    region         = "ap-northeast-2"
    encrypt        = true
    dynamodb_table = "terraform-lock"
  }
}

provider "aws" {
  region = "ap-northeast-2"
}

provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
}

provider "azurerm" {
  features {}
}

resource "aws_dynamodb_table" "lock" {
  name         = "terraform-lock"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "LockID"

  attribute {
    name = "LockID"
    type = "S"
  }
}
