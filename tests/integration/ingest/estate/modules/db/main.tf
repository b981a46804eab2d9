variable "subnet_ids" {}
variable "group" {}
variable "name" {}
variable "password" { sensitive = true }
resource "aws_db_subnet_group" "g" {
  name       = var.name
  subnet_ids = var.subnet_ids
}
resource "aws_db_instance" "db" {
  identifier             = "${var.name}-db"
  engine                 = "mysql"
  instance_class         = "db.t4g.small"
  allocated_storage      = 20
  username               = "u"
  password               = var.password
  db_subnet_group_name   = aws_db_subnet_group.g.name
  vpc_security_group_ids = [var.group]
  skip_final_snapshot    = true
}
output "address" { value = aws_db_instance.db.address }
output "port" { value = aws_db_instance.db.port }
