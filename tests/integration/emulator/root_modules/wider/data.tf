resource "aws_elasticache_subnet_group" "this" {
  name       = local.name
  subnet_ids = aws_subnet.this[*].id
}

resource "aws_elasticache_parameter_group" "this" {
  name   = local.name
  family = "redis7"
  parameter {
    name  = "maxmemory-policy"
    value = "allkeys-lru"
  }
}

resource "aws_elasticache_user" "this" {
  user_id       = "was"
  user_name     = "was"
  engine        = "redis"
  access_string = "on ~session:* +@all"
  authentication_mode { type = "iam" }
}

resource "aws_elasticache_user" "default" {
  user_id       = "wider-default"
  user_name     = "default"
  engine        = "redis"
  access_string = "off -@all"
  authentication_mode { type = "no-password-required" }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = local.name
  engine        = "redis"
  user_ids      = [aws_elasticache_user.default.user_id, aws_elasticache_user.this.user_id]
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = local.name
  description                = "Sessions"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = "cache.t4g.small"
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  parameter_group_name       = aws_elasticache_parameter_group.this.name
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.this.id]
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]
  snapshot_retention_limit   = 3
  snapshot_window            = "17:00-18:00"
  maintenance_window         = "sun:19:00-sun:20:00"
}

resource "aws_elasticache_cluster" "this" {
  cluster_id         = "${local.name}-memcached"
  engine             = "memcached"
  node_type          = "cache.t4g.micro"
  num_cache_nodes    = 1
  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [aws_security_group.this.id]
}

resource "aws_msk_configuration" "this" {
  name              = local.name
  kafka_versions    = ["3.8.x"]
  server_properties = "auto.create.topics.enable=false\nmin.insync.replicas=2\n"
}

resource "aws_msk_cluster" "this" {
  cluster_name           = local.name
  kafka_version          = "3.8.x"
  number_of_broker_nodes = 2
  enhanced_monitoring    = "PER_BROKER"
  broker_node_group_info {
    instance_type   = "kafka.m7g.large"
    client_subnets  = aws_subnet.this[*].id
    security_groups = [aws_security_group.this.id]
    storage_info {
      ebs_storage_info { volume_size = 100 }
    }
  }
  client_authentication {
    sasl { iam = true }
  }
  configuration_info {
    arn      = aws_msk_configuration.this.arn
    revision = aws_msk_configuration.this.latest_revision
  }
  encryption_info {
    encryption_at_rest_kms_key_arn = aws_kms_key.this.arn
    encryption_in_transit { client_broker = "TLS" }
  }
  logging_info {
    broker_logs {
      cloudwatch_logs {
        enabled   = true
        log_group = aws_cloudwatch_log_group.this.name
      }
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name = "/wider/kafka"
}

resource "aws_db_subnet_group" "this" {
  name       = local.name
  subnet_ids = aws_subnet.this[*].id
}

resource "aws_rds_global_cluster" "this" {
  global_cluster_identifier = local.name
  engine                    = "aurora-postgresql"
  engine_version            = "16.6"
  database_name             = "wider"
  storage_encrypted         = true
}

resource "aws_rds_cluster" "this" {
  cluster_identifier              = local.name
  global_cluster_identifier       = aws_rds_global_cluster.this.id
  engine                          = aws_rds_global_cluster.this.engine
  engine_version                  = aws_rds_global_cluster.this.engine_version
  database_name                   = "wider"
  master_username                 = "wider"
  master_password_wo              = "only for the emulator"
  master_password_wo_version      = 1
  db_subnet_group_name            = aws_db_subnet_group.this.name
  vpc_security_group_ids          = [aws_security_group.this.id]
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.this.arn
  skip_final_snapshot             = true
  backup_retention_period         = 7
  enabled_cloudwatch_logs_exports = ["postgresql"]
  lifecycle { ignore_changes = [global_cluster_identifier] }
}

resource "aws_rds_cluster_instance" "this" {
  identifier                   = "${local.name}-1"
  cluster_identifier           = aws_rds_cluster.this.id
  engine                       = aws_rds_cluster.this.engine
  instance_class               = "db.r6g.large"
  performance_insights_enabled = true
}

resource "aws_rds_cluster_endpoint" "this" {
  cluster_identifier          = aws_rds_cluster.this.id
  cluster_endpoint_identifier = "${local.name}-reports"
  custom_endpoint_type        = "READER"
}

resource "aws_backup_vault" "this" {
  name          = local.name
  force_destroy = true
}

resource "aws_backup_plan" "this" {
  name = local.name
  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.this.name
    schedule          = "cron(0 18 * * ? *)"
    lifecycle { delete_after = 35 }
  }
}

resource "aws_backup_selection" "this" {
  name         = local.name
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.this["backup"].arn
  resources    = [aws_efs_file_system.this.arn]
}

resource "aws_efs_file_system" "this" {
  encrypted  = true
  kms_key_id = aws_kms_key.this.arn
}

resource "aws_efs_backup_policy" "this" {
  file_system_id = aws_efs_file_system.this.id
  backup_policy { status = "ENABLED" }
}

resource "aws_efs_file_system_policy" "this" {
  file_system_id = aws_efs_file_system.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Tls", Effect = "Deny", Principal = { AWS = "*" }, Action = "*", Resource = aws_efs_file_system.this.arn, Condition = { Bool = { "aws:SecureTransport" = "false" } } }]
  })
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  ecr_repository_prefix = "public"
  upstream_registry_url = "public.ecr.aws"
}

resource "aws_s3_bucket" "this" {
  for_each      = toset(["from", "to"])
  bucket        = "${local.name}-${each.value}-${local.account}"
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this
  bucket   = each.value.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_replication_configuration" "this" {
  bucket = aws_s3_bucket.this["from"].id
  role   = aws_iam_role.this["s3"].arn
  rule {
    id     = "all"
    status = "Enabled"
    filter { prefix = "images/" }
    delete_marker_replication { status = "Enabled" }
    destination { bucket = aws_s3_bucket.this["to"].arn }
  }
  depends_on = [aws_s3_bucket_versioning.this]
}
