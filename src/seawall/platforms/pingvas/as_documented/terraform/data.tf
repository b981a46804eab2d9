variable "redis_auth_token" {
  type      = string
  sensitive = true
}

# --- Aurora, shared by both environments -------------------------------------------------------------------------------

resource "aws_db_subnet_group" "aurora" {
  name       = "pingvas-shared-aurora"
  subnet_ids = [aws_subnet.private_a.id, aws_subnet.private_b.id, aws_subnet.private_c.id]
}

resource "aws_rds_cluster" "shared" {
  cluster_identifier          = "pingvas-shared-aurora"
  engine                      = "aurora-postgresql"
  engine_version              = "15.4"
  database_name               = "pingvas"
  master_username             = "pingvas"
  manage_master_user_password = true
  db_subnet_group_name        = aws_db_subnet_group.aurora.name
  vpc_security_group_ids      = [aws_security_group.rds.id]
  storage_encrypted           = true
  backup_retention_period     = 7
  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 4
  }
}

resource "aws_rds_cluster_instance" "writer" {
  identifier         = "pingvas-shared-aurora-writer"
  cluster_identifier = aws_rds_cluster.shared.id
  engine             = aws_rds_cluster.shared.engine
  instance_class     = "db.serverless"
  availability_zone  = "us-east-1a"
}

resource "aws_rds_cluster_instance" "reader" {
  identifier         = "pingvas-shared-aurora-reader"
  cluster_identifier = aws_rds_cluster.shared.id
  engine             = aws_rds_cluster.shared.engine
  instance_class     = "db.serverless"
  availability_zone  = "us-east-1b"
}

# --- Redis: one node for development, a primary with two replicas for production -----------------------------------------

resource "aws_elasticache_subnet_group" "redis" {
  name       = "pingvas-redis"
  subnet_ids = [aws_subnet.private_a.id, aws_subnet.private_b.id, aws_subnet.private_c.id]
}

resource "aws_elasticache_cluster" "dev" {
  cluster_id         = "pingvas-dev-redis"
  engine             = "redis"
  node_type          = "cache.t4g.medium"
  num_cache_nodes    = 1
  availability_zone  = "us-east-1a"
  subnet_group_name  = aws_elasticache_subnet_group.redis.name
  security_group_ids = [aws_security_group.redis_dev.id]
}

resource "aws_elasticache_replication_group" "prod" {
  replication_group_id        = "pingvas-prod-redis"
  description                 = "Redis of production with Sentinel"
  engine                      = "redis"
  node_type                   = "cache.r6g.large"
  num_cache_clusters          = 3
  preferred_cache_cluster_azs = ["us-east-1a", "us-east-1b", "us-east-1c"]
  automatic_failover_enabled  = true
  multi_az_enabled            = true
  auth_token                  = var.redis_auth_token
  snapshot_retention_limit    = 7
  subnet_group_name           = aws_elasticache_subnet_group.redis.name
  security_group_ids          = [aws_security_group.redis_prod.id]
}

# --- Files: models for both environments -----------------------------------------------------------------------------------

resource "aws_efs_file_system" "models" {
  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }
  tags = {
    Name = "pingvas-models"
  }
}

resource "aws_efs_mount_target" "a" {
  file_system_id  = aws_efs_file_system.models.id
  subnet_id       = aws_subnet.private_a.id
  security_groups = [aws_security_group.efs.id]
}

resource "aws_efs_mount_target" "b" {
  file_system_id  = aws_efs_file_system.models.id
  subnet_id       = aws_subnet.private_b.id
  security_groups = [aws_security_group.efs.id]
}

resource "aws_efs_mount_target" "c" {
  file_system_id  = aws_efs_file_system.models.id
  subnet_id       = aws_subnet.private_c.id
  security_groups = [aws_security_group.efs.id]
}

variable "backup_role_arn" {
  type = string
}

resource "aws_backup_vault" "weekly" {
  name = "pingvas-weekly"
}

resource "aws_backup_plan" "weekly" {
  name = "pingvas-weekly"
  rule {
    rule_name         = "weekly"
    target_vault_name = aws_backup_vault.weekly.name
    schedule          = "cron(0 5 ? * SUN *)"
    lifecycle {
      delete_after = 30
    }
  }
}

resource "aws_backup_selection" "models" {
  name         = "models"
  plan_id      = aws_backup_plan.weekly.id
  iam_role_arn = var.backup_role_arn
  resources    = [aws_efs_file_system.models.arn]
}

# --- Buckets -------------------------------------------------------------------------------------------------------------

resource "aws_s3_bucket" "dev_images" {
  bucket = "pingvas-dev-images"
}

resource "aws_s3_bucket_lifecycle_configuration" "dev_images" {
  bucket = aws_s3_bucket.dev_images.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {}
    transition {
      days          = 90
      storage_class = "STANDARD_IA"
    }
  }
}

resource "aws_s3_bucket" "prod_images" {
  bucket = "pingvas-prod-images"
}

resource "aws_s3_bucket_lifecycle_configuration" "prod_images" {
  bucket = aws_s3_bucket.prod_images.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {}
    transition {
      days          = 90
      storage_class = "STANDARD_IA"
    }
    transition {
      days          = 180
      storage_class = "GLACIER"
    }
  }
}

resource "aws_s3_bucket" "models_shared" {
  bucket = "pingvas-models-shared"
}

resource "aws_s3_bucket_lifecycle_configuration" "models_shared" {
  bucket = aws_s3_bucket.models_shared.id
  rule {
    id     = "tiering"
    status = "Enabled"
    filter {}
    transition {
      days          = 0
      storage_class = "INTELLIGENT_TIERING"
    }
  }
}

resource "aws_s3_bucket" "logs_shared" {
  bucket = "pingvas-logs-shared"
}

resource "aws_s3_bucket_lifecycle_configuration" "logs_shared" {
  bucket = aws_s3_bucket.logs_shared.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {}
    expiration {
      days = 30
    }
  }
}
