# An estate as people write them: locals, modules, count, for_each, dynamic blocks, sets of blocks, a condition on
# a value that is known only after apply, and a policy in each of the three customary ways.
terraform {
  required_version = ">= 1.11"
  required_providers { aws = { source = "hashicorp/aws", version = "5.100.0" } }
}
variable "region" { default = "eu-west-1" }
variable "zones" { default = ["a", "b"] }
provider "aws" {
  region                      = var.region
  access_key                  = "x"
  secret_key                  = "y"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
}
provider "aws" {
  alias                       = "us"
  region                      = "us-east-1"
  access_key                  = "x"
  secret_key                  = "y"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
locals {
  name       = "shop"
  bucket_arn = aws_s3_bucket.b.arn
  tags       = { Name = local.name }
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = local.tags
}
resource "aws_subnet" "s" {
  for_each          = toset(var.zones)
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, index(var.zones, each.key))
  availability_zone = "${var.region}${each.key}"
}
resource "aws_subnet" "c" {
  count      = 2
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.${count.index + 10}.0/24"
}
resource "aws_route_table" "t" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.g.id
  }
}
resource "aws_internet_gateway" "g" { vpc_id = aws_vpc.main.id }
resource "aws_route_table_association" "a" {
  for_each       = aws_subnet.s
  subnet_id      = each.value.id
  route_table_id = aws_route_table.t.id
}
resource "aws_s3_bucket" "b" {}
resource "aws_s3_bucket" "us" { provider = aws.us }
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.r.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${local.bucket_arn}/*" }] })
}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.b.arn}/*", aws_s3_bucket.us.arn]
  }
}
resource "aws_iam_role_policy" "d" {
  role   = aws_iam_role.r.name
  policy = data.aws_iam_policy_document.d.json
}
resource "aws_security_group" "sg" {
  name   = "sg"
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  dynamic "egress" {
    for_each = [80, 443]
    content {
      from_port       = egress.value
      to_port         = egress.value
      protocol        = "tcp"
      security_groups = [aws_security_group.other.id]
    }
  }
}
resource "aws_security_group" "other" { vpc_id = aws_vpc.main.id }
module "db" {
  source     = "./modules/db"
  subnet_ids = [for s in aws_subnet.s : s.id]
  group      = aws_security_group.sg.id
  name       = local.name
  password   = "plain-in-the-source"
}
resource "aws_route53_zone" "z" { name = "x.example" }
resource "aws_route53_record" "db" {
  zone_id = aws_route53_zone.z.zone_id
  name    = "db.x.example"
  type    = "CNAME"
  ttl     = 60
  records = [module.db.address]
}
resource "aws_lb" "lb" {
  name            = upper(local.name)
  subnets         = aws_subnet.c[*].id
  security_groups = [aws_security_group.sg.id, aws_security_group.other.id]
}
resource "aws_lb_listener" "l" {
  load_balancer_arn = aws_lb.lb.arn
  port              = module.db.port
  protocol          = "HTTP"
  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.stable.arn
        weight = 90
      }
      target_group {
        arn    = aws_lb_target_group.canary.arn
        weight = 10
      }
    }
  }
}
resource "aws_lb_target_group" "stable" {
  vpc_id   = aws_vpc.main.id
  port     = 80
  protocol = "HTTP"
}
resource "aws_lb_target_group" "canary" {
  vpc_id   = aws_vpc.main.id
  port     = 80
  protocol = "HTTP"
}
resource "aws_cloudwatch_metric_alarm" "a" {
  alarm_name          = "a"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "m"
  namespace           = "n"
  period              = 60
  statistic           = "Sum"
  threshold           = 1
  dimensions          = { LoadBalancer = aws_lb.lb.arn_suffix }
  alarm_actions       = [aws_vpc.main.id == "vpc-1" ? aws_sns_topic.a.arn : aws_sns_topic.b.arn]
}
resource "aws_sns_topic" "a" {}
resource "aws_sns_topic" "b" {}
resource "aws_eks_cluster" "e" {
  name     = "e"
  role_arn = aws_iam_role.r.arn
  vpc_config { subnet_ids = aws_subnet.c[*].id }
}
resource "aws_iam_openid_connect_provider" "o" {
  url            = aws_eks_cluster.e.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}
resource "aws_eks_node_group" "n" {
  cluster_name  = aws_eks_cluster.e.name
  node_role_arn = aws_iam_role.r.arn
  subnet_ids    = aws_subnet.c[*].id
  scaling_config {
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }
  launch_template {
    id      = aws_launch_template.t.id
    version = aws_launch_template.t.latest_version
  }
}
resource "aws_launch_template" "t" {
  vpc_security_group_ids = [aws_eks_cluster.e.vpc_config[0].cluster_security_group_id]
}
resource "aws_secretsmanager_secret" "s" { name = md5(aws_vpc.main.id) }
output "vpc" { value = aws_vpc.main.id }
# Two attributes whose values the provider itself checks: a set, and one of a few words.
resource "aws_vpc_endpoint" "e" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.sqs"
  vpc_endpoint_type = "Interface"
}
resource "aws_network_interface_sg_attachment" "e" {
  security_group_id    = aws_security_group.sg.id
  network_interface_id = tolist(aws_vpc_endpoint.e.network_interface_ids)[0]
}
resource "aws_lb" "twin" {
  name            = "twin"
  subnets         = aws_subnet.c[*].id
  ip_address_type = aws_lb.lb.ip_address_type
}
