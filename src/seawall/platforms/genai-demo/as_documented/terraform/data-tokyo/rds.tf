resource "aws_db_subnet_group" "main" {
  name       = "genai-demo-dr"
  subnet_ids = [data.terraform_remote_state.network.outputs.database_a, data.terraform_remote_state.network.outputs.database_b]
}

# Readers of the global database.
resource "aws_rds_cluster" "main" {
  cluster_identifier        = "genai-demo-dr"
  global_cluster_identifier = data.terraform_remote_state.data.outputs.global_cluster
  engine                    = "aurora-postgresql"
  engine_version            = "15.4"
  db_subnet_group_name      = aws_db_subnet_group.main.name
  vpc_security_group_ids    = [data.terraform_remote_state.network.outputs.database_group]
  storage_encrypted         = true
  kms_key_id                = aws_kms_key.data.arn
  backup_retention_period   = 7
}

resource "aws_rds_cluster_instance" "reader_1" {
  identifier         = "genai-demo-dr-reader-1"
  cluster_identifier = aws_rds_cluster.main.id
  engine             = aws_rds_cluster.main.engine
  instance_class     = "db.r6g.large"
}

resource "aws_rds_cluster_instance" "reader_2" {
  identifier         = "genai-demo-dr-reader-2"
  cluster_identifier = aws_rds_cluster.main.id
  engine             = aws_rds_cluster.main.engine
  instance_class     = "db.r6g.medium"
}
