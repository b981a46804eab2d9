resource "aws_db_subnet_group" "this" {
  name       = local.name
  subnet_ids = aws_subnet.data[*].id
}

resource "aws_db_parameter_group" "this" {
  name   = "${local.name}-mysql"
  family = "mysql8.0"
  parameter {
    name  = "require_secure_transport"
    value = "ON"
  }
  parameter {
    name         = "performance_schema"
    value        = "1"
    apply_method = "pending-reboot"
  }
}

resource "aws_db_option_group" "this" {
  name                     = "${local.name}-mysql"
  option_group_description = "MySQL of ${local.name}"
  engine_name              = "mysql"
  major_engine_version     = "8.0"
}

resource "aws_iam_role" "rds_monitoring" {
  name = "${local.name}-rds-monitoring"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "monitoring.rds.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "rds_monitoring" {
  role       = aws_iam_role.rds_monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

resource "aws_db_instance" "this" {
  identifier                            = "${local.name}-db"
  engine                                = "mysql"
  engine_version                        = "8.0.43"
  instance_class                        = "db.t4g.medium"
  db_name                               = "petclinic"
  username                              = "petclinic"
  manage_master_user_password           = true
  master_user_secret_kms_key_id         = aws_kms_key.this.key_id
  allocated_storage                     = 20
  max_allocated_storage                 = 100
  storage_type                          = "gp3"
  storage_encrypted                     = true
  kms_key_id                            = aws_kms_key.this.arn
  multi_az                              = true
  db_subnet_group_name                  = aws_db_subnet_group.this.name
  vpc_security_group_ids                = [aws_security_group.database.id]
  parameter_group_name                  = aws_db_parameter_group.this.name
  option_group_name                     = aws_db_option_group.this.name
  backup_retention_period               = 7
  backup_window                         = "17:00-18:00"
  maintenance_window                    = "sun:18:30-sun:19:30"
  copy_tags_to_snapshot                 = true
  auto_minor_version_upgrade            = true
  deletion_protection                   = false
  skip_final_snapshot                   = true
  publicly_accessible                   = false
  iam_database_authentication_enabled   = true
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = aws_kms_key.this.arn
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.rds_monitoring.arn
  enabled_cloudwatch_logs_exports       = ["error", "slowquery"]
}

# Two in one region: plain moto gives every instance the same resource id.
resource "aws_db_instance" "second" {
  identifier                  = "${local.name}-second"
  engine                      = "mysql"
  instance_class              = "db.t4g.small"
  username                    = "petclinic"
  manage_master_user_password = true
  allocated_storage           = 20
  db_subnet_group_name        = aws_db_subnet_group.this.name
  vpc_security_group_ids      = [aws_security_group.database.id]
  skip_final_snapshot         = true
}

resource "aws_db_event_subscription" "this" {
  name             = local.name
  sns_topic        = aws_sns_topic.alarms.arn
  source_type      = "db-instance"
  event_categories = ["availability", "failover", "failure"]
}

resource "aws_secretsmanager_secret" "this" {
  name                    = "${local.name}/slack"
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_policy" "this" {
  secret_arn = aws_secretsmanager_secret.this.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Own", Effect = "Deny", Principal = "*", Action = "secretsmanager:GetSecretValue", Resource = "*"
      Condition = { StringNotEquals = { "aws:PrincipalAccount" = local.account } }
    }]
  })
}

resource "aws_ssm_parameter" "this" {
  name  = "/${local.name}/feature"
  type  = "String"
  value = "on"
}

resource "aws_s3_bucket" "logs" {
  bucket        = "${local.name}-logs-${local.account}"
  force_destroy = true
}

resource "aws_s3_bucket" "assets" {
  bucket        = "${local.name}-assets-${local.account}"
  force_destroy = true
}

locals {
  buckets = { logs = aws_s3_bucket.logs.id, assets = aws_s3_bucket.assets.id }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each                = local.buckets
  bucket                  = each.value
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.buckets
  bucket   = each.value
  rule { object_ownership = each.key == "logs" ? "BucketOwnerPreferred" : "BucketOwnerEnforced" }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.buckets
  bucket   = each.value
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.buckets
  bucket   = each.value
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = each.key == "logs" ? "AES256" : "aws:kms" }
    bucket_key_enabled = each.key != "logs"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.buckets
  bucket   = each.value
  rule {
    id     = "expire"
    status = "Enabled"
    filter {}
    expiration { days = 90 }
    noncurrent_version_expiration { noncurrent_days = 30 }
    abort_incomplete_multipart_upload { days_after_initiation = 7 }
  }
  depends_on = [aws_s3_bucket_versioning.this]
}

data "aws_elb_service_account" "this" {}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "LoadBalancer", Effect = "Allow", Action = "s3:PutObject", Resource = "${aws_s3_bucket.logs.arn}/alb/*"
        Principal = { AWS = data.aws_elb_service_account.this.arn }
      },
      {
        Sid       = "ServerAccess", Effect = "Allow", Action = "s3:PutObject", Resource = "${aws_s3_bucket.logs.arn}/s3/*"
        Principal = { Service = "logging.s3.amazonaws.com" }
      },
      {
        Sid       = "Tls", Effect = "Deny", Action = "s3:*", Principal = "*"
        Resource  = [aws_s3_bucket.logs.arn, "${aws_s3_bucket.logs.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_logging" "assets" {
  bucket        = aws_s3_bucket.assets.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "s3/"
  depends_on    = [aws_s3_bucket_policy.logs]
}

resource "aws_s3_bucket_policy" "assets" {
  bucket = aws_s3_bucket.assets.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "CloudFront", Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.assets.arn}/*"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Condition = { StringEquals = { "AWS:SourceArn" = aws_cloudfront_distribution.this.arn } }
    }]
  })
}

resource "aws_s3_object" "maintenance" {
  bucket       = aws_s3_bucket.assets.id
  key          = "maintenance.html"
  content      = "<h1>Back soon</h1>"
  content_type = "text/html"
  depends_on   = [aws_s3_bucket_versioning.this, aws_s3_bucket_server_side_encryption_configuration.this]
}

resource "aws_s3_bucket_notification" "assets" {
  bucket      = aws_s3_bucket.assets.id
  eventbridge = true
}

resource "aws_s3_account_public_access_block" "this" {
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
