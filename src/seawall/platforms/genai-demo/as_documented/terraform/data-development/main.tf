provider "aws" {
  region = "ap-northeast-1"
}

variable "redis_auth_token" {
  type      = string
  sensitive = true
}

resource "aws_rds_cluster" "main" {
  cluster_identifier          = "genai-demo-development"
  engine                      = "aurora-postgresql"
  engine_version              = "15.4"
  database_name               = "genaidemo"
  master_username             = "genaidemo"
  manage_master_user_password = true
  storage_encrypted           = true
  backup_retention_period     = 7
}

resource "aws_rds_cluster_instance" "main" {
  identifier         = "genai-demo-development"
  cluster_identifier = aws_rds_cluster.main.id
  engine             = aws_rds_cluster.main.engine
  instance_class     = "db.t3.micro"
}

resource "aws_elasticache_replication_group" "main" {
  replication_group_id       = "genai-demo-development-redis"
  description                = "Single node"
  engine                     = "redis"
  engine_version             = "7.0.7"
  node_type                  = "cache.t3.micro"
  num_cache_clusters         = 1
  transit_encryption_enabled = true
  at_rest_encryption_enabled = true
  auth_token                 = var.redis_auth_token
}
