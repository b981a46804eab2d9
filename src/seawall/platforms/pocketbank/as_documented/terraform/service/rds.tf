resource "aws_security_group" "rds" {
  name   = "pocketbank-rds"
  vpc_id = aws_vpc.main.id

  ingress {
    from_port       = 3306
    to_port         = 3306
    protocol        = "tcp"
    security_groups = [aws_eks_cluster.main.vpc_config[0].cluster_security_group_id]
  }
}

resource "aws_kms_key" "rds" {
  description         = "pocketbank-db"
  enable_key_rotation = true
}

resource "aws_db_subnet_group" "main" {
  name       = "pocketbank"
  subnet_ids = [aws_subnet.rds_a.id, aws_subnet.rds_c.id]
}

resource "aws_db_parameter_group" "main" {
  name   = "pocketbank"
  family = "mysql8.0"

  parameter {
    name  = "character_set_server"
    value = "utf8mb4"
  }

  parameter {
    name  = "collation_server"
    value = "utf8mb4_unicode_ci"
  }

  parameter {
    name  = "max_connections"
    value = "1000"
  }

  parameter {
    name  = "slow_query_log"
    value = "1"
  }

  parameter {
    name  = "long_query_time"
    value = "2"
  }
}

resource "aws_secretsmanager_secret" "db" {
  name = "pocketbank/db"
}

data "aws_secretsmanager_secret_version" "db" {
  secret_id = aws_secretsmanager_secret.db.id
}

resource "aws_db_instance" "main" {
  identifier              = "pocketbank-db"
  engine                  = "mysql"
  engine_version          = "8.0"
  instance_class          = "db.t3.medium"
  allocated_storage       = 20
  max_allocated_storage   = 100
  storage_type            = "gp3"
  storage_encrypted       = true
  kms_key_id              = aws_kms_key.rds.arn
  db_name                 = "pocketbank"
  username                = "pocketbank"
  password                = data.aws_secretsmanager_secret_version.db.secret_string
  port                    = 3306
  multi_az                = true
  db_subnet_group_name    = aws_db_subnet_group.main.name
  vpc_security_group_ids  = [aws_security_group.rds.id]
  parameter_group_name    = aws_db_parameter_group.main.name
  backup_retention_period = 7
  backup_window           = "03:00-04:00"
}
