provider "aws" {
  region = "ap-northeast-1"
}

terraform {
  backend "local" {
    path = "../../state/data-tokyo.tfstate"
  }
}

data "terraform_remote_state" "network" {
  backend = "local"
  config = {
    path = "../../state/network-tokyo.tfstate"
  }
}

resource "aws_kms_key" "data" {
  description = "Data of genai-demo"
}

data "terraform_remote_state" "data" {
  backend = "local"
  config = {
    path = "../../state/data-taipei.tfstate"
  }
}
