resource "aws_security_group" "alb" {
  name   = "pingvas-alb"
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group" "eks" {
  name   = "pingvas-eks"
  vpc_id = aws_vpc.main.id
  tags = {
    "karpenter.sh/discovery" = "pingvas-shared-eks"
  }
}

resource "aws_security_group" "rds" {
  name   = "pingvas-rds"
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group" "redis_dev" {
  name   = "pingvas-redis-dev"
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group" "redis_prod" {
  name   = "pingvas-redis-prod"
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group" "efs" {
  name   = "pingvas-efs"
  vpc_id = aws_vpc.main.id
}

# ALB: 80 and 443 from anywhere; out to the services.
resource "aws_vpc_security_group_ingress_rule" "alb_80" {
  security_group_id = aws_security_group.alb.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}

resource "aws_vpc_security_group_ingress_rule" "alb_443" {
  security_group_id = aws_security_group.alb.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "alb_services" {
  security_group_id            = aws_security_group.alb.id
  referenced_security_group_id = aws_security_group.eks.id
  ip_protocol                  = "tcp"
  from_port                    = 8001
  to_port                      = 8005
}

# EKS: the services from the ALB, everything from itself; out everything.
resource "aws_vpc_security_group_ingress_rule" "eks_services" {
  security_group_id            = aws_security_group.eks.id
  referenced_security_group_id = aws_security_group.alb.id
  ip_protocol                  = "tcp"
  from_port                    = 8001
  to_port                      = 8005
}

resource "aws_vpc_security_group_ingress_rule" "eks_self" {
  security_group_id            = aws_security_group.eks.id
  referenced_security_group_id = aws_security_group.eks.id
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_egress_rule" "eks_all" {
  security_group_id = aws_security_group.eks.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

# RDS, Redis and EFS: from EKS alone; out none.
resource "aws_vpc_security_group_ingress_rule" "rds_eks" {
  security_group_id            = aws_security_group.rds.id
  referenced_security_group_id = aws_security_group.eks.id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_security_group_ingress_rule" "redis_dev_eks" {
  security_group_id            = aws_security_group.redis_dev.id
  referenced_security_group_id = aws_security_group.eks.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_vpc_security_group_ingress_rule" "redis_prod_eks" {
  security_group_id            = aws_security_group.redis_prod.id
  referenced_security_group_id = aws_security_group.eks.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_vpc_security_group_ingress_rule" "efs_eks" {
  security_group_id            = aws_security_group.efs.id
  referenced_security_group_id = aws_security_group.eks.id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}

