provider "aws" {
  region = "us-east-1"
}

variable "zone_id" {
  type = string
}

variable "certificate_arn" {
  type = string
}

data "terraform_remote_state" "taipei" {
  backend = "local"
  config = {
    path = "../../state/edge-taipei.tfstate"
  }
}

data "terraform_remote_state" "tokyo" {
  backend = "local"
  config = {
    path = "../../state/edge-tokyo.tfstate"
  }
}

# The primary ALB; the secondary's is the failover path.
resource "aws_route53_record" "origin_primary" {
  zone_id        = var.zone_id
  name           = "origin.genai-demo.kimkao.io"
  type           = "A"
  set_identifier = "taipei"
  failover_routing_policy {
    type = "PRIMARY"
  }
  alias {
    name                   = data.terraform_remote_state.taipei.outputs.host
    zone_id                = data.terraform_remote_state.taipei.outputs.zone
    evaluate_target_health = true
  }
}

resource "aws_route53_record" "origin_secondary" {
  zone_id        = var.zone_id
  name           = "origin.genai-demo.kimkao.io"
  type           = "A"
  set_identifier = "tokyo"
  failover_routing_policy {
    type = "SECONDARY"
  }
  alias {
    name                   = data.terraform_remote_state.tokyo.outputs.host
    zone_id                = data.terraform_remote_state.tokyo.outputs.zone
    evaluate_target_health = true
  }
}

resource "aws_cloudfront_distribution" "main" {
  enabled    = true
  aliases    = ["genai-demo.kimkao.io"]
  web_acl_id = aws_wafv2_web_acl.main.arn

  origin {
    origin_id   = "application"
    domain_name = "origin.genai-demo.kimkao.io"
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id         = "application"
    viewer_protocol_policy   = "redirect-to-https"
    allowed_methods          = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods           = ["GET", "HEAD"]
    cache_policy_id          = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    origin_request_policy_id = "216adef6-5c7f-47e4-b989-5492eafa07d3"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}

resource "aws_route53_record" "main" {
  zone_id = var.zone_id
  name    = "genai-demo.kimkao.io"
  type    = "A"
  alias {
    name                   = aws_cloudfront_distribution.main.domain_name
    zone_id                = aws_cloudfront_distribution.main.hosted_zone_id
    evaluate_target_health = false
  }
}

resource "aws_wafv2_web_acl" "main" {
  name  = "genai-demo"
  scope = "CLOUDFRONT"
  default_action {
    allow {}
  }
  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "genai-demo"
    sampled_requests_enabled   = true
  }
}
