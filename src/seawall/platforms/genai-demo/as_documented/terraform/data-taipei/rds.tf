variable "monitoring_role_arn" {
  type = string
}

resource "aws_rds_global_cluster" "main" {
  global_cluster_identifier = "genai-demo"
  engine                    = "aurora-postgresql"
  engine_version            = "15.4"
  database_name             = "genaidemo"
  storage_encrypted         = true
}

resource "aws_db_subnet_group" "main" {
  name       = "genai-demo-production"
  subnet_ids = [data.terraform_remote_state.network.outputs.database_a, data.terraform_remote_state.network.outputs.database_b]
}

resource "aws_rds_cluster" "main" {
  cluster_identifier          = "genai-demo-production"
  global_cluster_identifier   = aws_rds_global_cluster.main.id
  engine                      = "aurora-postgresql"
  engine_version              = "15.4"
  database_name               = "genaidemo"
  master_username             = "genaidemo"
  manage_master_user_password = true
  db_subnet_group_name        = aws_db_subnet_group.main.name
  vpc_security_group_ids      = [data.terraform_remote_state.network.outputs.database_group]
  storage_encrypted           = true
  kms_key_id                  = aws_kms_key.data.arn
  backup_retention_period     = 30
  preferred_backup_window     = "03:00-04:00"
}

resource "aws_rds_cluster_instance" "writer" {
  identifier                            = "genai-demo-production-writer"
  cluster_identifier                    = aws_rds_cluster.main.id
  engine                                = aws_rds_cluster.main.engine
  instance_class                        = "db.r6g.large"
  performance_insights_enabled          = true
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = var.monitoring_role_arn
}

resource "aws_rds_cluster_instance" "reader" {
  identifier                            = "genai-demo-production-reader"
  cluster_identifier                    = aws_rds_cluster.main.id
  engine                                = aws_rds_cluster.main.engine
  instance_class                        = "db.r6g.large"
  performance_insights_enabled          = true
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = var.monitoring_role_arn
}

output "global_cluster" {
  value = aws_rds_global_cluster.main.id
}

output "kafka" {
  value = aws_msk_cluster.main.arn
}
