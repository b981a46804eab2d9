resource "aws_kms_key" "rds" {
  description         = "eks-3tier-dev-db"
  enable_key_rotation = true
}

resource "aws_secretsmanager_secret" "db" {
  name = "petclinic/db"
}

data "aws_secretsmanager_secret_version" "db" {
  secret_id = aws_secretsmanager_secret.db.id
}

resource "aws_db_subnet_group" "main" {
  name       = "eks-3tier-dev"
  subnet_ids = [aws_subnet.private_a.id, aws_subnet.private_c.id]
}

resource "aws_db_instance" "main" {
  identifier              = "eks-3tier-dev-db"
  engine                  = "mysql"
  engine_version          = "8.0.39"
  instance_class          = "db.t3.micro"
  allocated_storage       = 20
  storage_type            = "gp3"
  storage_encrypted       = true
  kms_key_id              = aws_kms_key.rds.arn
  db_name                 = "petclinic"
  username                = "petclinic"
  password                = data.aws_secretsmanager_secret_version.db.secret_string
  db_subnet_group_name    = aws_db_subnet_group.main.name
  vpc_security_group_ids  = [aws_security_group.rds.id]
  multi_az                = false
  backup_retention_period = 7
}
