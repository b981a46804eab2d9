resource "aws_iam_role" "backup" {
  name = "pocketbank-backup"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "backup_ssm" {
  role       = aws_iam_role.backup.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_secretsmanager_secret" "azure" {
  name = "pocketbank/azure"
}

resource "aws_iam_role_policy" "backup_secrets" {
  name = "secrets"
  role = aws_iam_role.backup.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = [aws_secretsmanager_secret.db.arn, aws_secretsmanager_secret.azure.arn]
    }]
  })
}

resource "aws_iam_instance_profile" "backup" {
  name = "pocketbank-backup"
  role = aws_iam_role.backup.name
}

resource "aws_security_group" "backup" {
  name   = "pocketbank-backup"
  vpc_id = aws_vpc.main.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "backup" {
  ami                    = "ami-0c9c942bd7bf113a2"
  instance_type          = "t3.small"
  subnet_id              = aws_subnet.was_a.id
  vpc_security_group_ids = [aws_security_group.backup.id]
  iam_instance_profile   = aws_iam_instance_profile.backup.name

  user_data = <<-EOT
    #!/bin/sh
    # cron: daily at 03:00; every 5 minutes in test.
    secret=$(aws secretsmanager get-secret-value --secret-id pocketbank/db --query SecretString --output text)
    export MYSQL_PWD="$secret"
    name=backup-$(date +%Y%m%d-%H%M%S).sql.gz
    mysqldump --host ${aws_db_instance.main.address} --user pocketbank \
      --single-transaction --all-databases | gzip > "/var/backups/$name"
    az storage blob upload --account-name bloberry01 --container-name mysql-backups \
      --name "backups/$name" --file "/var/backups/$name"
    find /var/backups -name 'backup-*.sql.gz' -mmin +1440 -delete
  EOT
}
