resource "aws_iam_role" "load_balancer_controller" {
  name = "eks-dev-alb-controller"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.main.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = {
        "${aws_iam_openid_connect_provider.main.url}:sub" = "system:serviceaccount:kube-system:aws-load-balancer-controller"
        "${aws_iam_openid_connect_provider.main.url}:aud" = "sts.amazonaws.com"
      } }
    }]
  })
}

resource "aws_iam_role" "external_secrets" {
  name = "eks-dev-external-secrets"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.main.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = {
        "${aws_iam_openid_connect_provider.main.url}:sub" = "system:serviceaccount:external-secrets:external-secrets"
        "${aws_iam_openid_connect_provider.main.url}:aud" = "sts.amazonaws.com"
      } }
    }]
  })
}

resource "aws_iam_role_policy" "external_secrets" {
  name = "read"
  role = aws_iam_role.external_secrets.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_role" "external_dns" {
  name = "eks-dev-external-dns"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.main.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = {
        "${aws_iam_openid_connect_provider.main.url}:sub" = "system:serviceaccount:kube-system:external-dns"
        "${aws_iam_openid_connect_provider.main.url}:aud" = "sts.amazonaws.com"
      } }
    }]
  })
}

resource "aws_iam_role" "cluster_autoscaler" {
  name = "eks-dev-cluster-autoscaler"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.main.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = {
        "${aws_iam_openid_connect_provider.main.url}:sub" = "system:serviceaccount:kube-system:cluster-autoscaler"
        "${aws_iam_openid_connect_provider.main.url}:aud" = "sts.amazonaws.com"
      } }
    }]
  })
}
