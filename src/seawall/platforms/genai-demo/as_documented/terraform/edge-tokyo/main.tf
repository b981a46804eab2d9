provider "aws" {
  region = "ap-northeast-1"
}

terraform {
  backend "local" {
    path = "../../state/edge-tokyo.tfstate"
  }
}

data "terraform_remote_state" "network" {
  backend = "local"
  config = {
    path = "../../state/network-tokyo.tfstate"
  }
}

resource "aws_acm_certificate" "main" {
  domain_name       = "genai-demo.kimkao.io"
  validation_method = "DNS"
}

resource "aws_lb" "main" {
  name               = "genai-demo-dr"
  load_balancer_type = "application"
  security_groups    = [data.terraform_remote_state.network.outputs.alb_group]
  subnets            = [data.terraform_remote_state.network.outputs.public_a, data.terraform_remote_state.network.outputs.public_b]
}

resource "aws_lb_target_group" "app" {
  name        = "genai-demo-dr"
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = data.terraform_remote_state.network.outputs.vpc
  health_check {
    path = "/actuator/health/readiness"
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate.main.arn
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

output "host" {
  value = aws_lb.main.dns_name
}

output "zone" {
  value = aws_lb.main.zone_id
}
