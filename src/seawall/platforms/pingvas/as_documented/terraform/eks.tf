variable "cluster_role_arn" {
  type = string
}

variable "node_role_arn" {
  type = string
}

resource "aws_eks_cluster" "shared" {
  name     = "pingvas-shared-eks"
  version  = "1.28"
  role_arn = var.cluster_role_arn
  vpc_config {
    subnet_ids         = [aws_subnet.private_a.id, aws_subnet.private_b.id, aws_subnet.private_c.id]
    security_group_ids = [aws_security_group.eks.id]
  }
}

resource "aws_launch_template" "system" {
  name                   = "pingvas-system"
  vpc_security_group_ids = [aws_security_group.eks.id]
}

# Argo CD, Prometheus and Karpenter.
resource "aws_eks_node_group" "system" {
  cluster_name    = aws_eks_cluster.shared.name
  node_group_name = "system"
  node_role_arn   = var.node_role_arn
  subnet_ids      = [aws_subnet.private_a.id, aws_subnet.private_b.id, aws_subnet.private_c.id]
  instance_types  = ["t3.medium"]
  capacity_type   = "SPOT"
  scaling_config {
    min_size     = 2
    max_size     = 2
    desired_size = 2
  }
  launch_template {
    id      = aws_launch_template.system.id
    version = "1"
  }
}
