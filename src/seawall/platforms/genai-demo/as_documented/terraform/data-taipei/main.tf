provider "aws" {
  region = "ap-east-2"
}

terraform {
  backend "local" {
    path = "../../state/data-taipei.tfstate"
  }
}

data "terraform_remote_state" "network" {
  backend = "local"
  config = {
    path = "../../state/network-taipei.tfstate"
  }
}

resource "aws_kms_key" "data" {
  description = "Data of genai-demo"
}
