variable "redis_auth_token" {
  type      = string
  sensitive = true
}

resource "aws_elasticache_subnet_group" "main" {
  name       = "genai-demo-production"
  subnet_ids = [data.terraform_remote_state.network.outputs.database_a, data.terraform_remote_state.network.outputs.database_b]
}

# 80 % of the memory for data, the rest for what the server needs.
resource "aws_elasticache_parameter_group" "main" {
  name   = "genai-demo-production"
  family = "redis7"
  parameter {
    name  = "maxmemory-policy"
    value = "allkeys-lru"
  }
  parameter {
    name  = "reserved-memory-percent"
    value = "20"
  }
}

resource "aws_elasticache_replication_group" "main" {
  replication_group_id       = "genai-demo-production-redis"
  description                = "Sessions, cached queries, locks"
  engine                     = "redis"
  engine_version             = "7.0.7"
  node_type                  = "cache.r6g.large"
  num_cache_clusters         = 3
  automatic_failover_enabled = true
  multi_az_enabled           = true
  transit_encryption_enabled = true
  at_rest_encryption_enabled = true
  auth_token                 = var.redis_auth_token
  snapshot_retention_limit   = 1
  snapshot_window            = "04:00-05:00"
  parameter_group_name       = aws_elasticache_parameter_group.main.name
  subnet_group_name          = aws_elasticache_subnet_group.main.name
  security_group_ids         = [data.terraform_remote_state.network.outputs.database_group]
}
