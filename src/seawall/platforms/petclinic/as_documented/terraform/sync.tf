resource "aws_s3_bucket" "export" {
  bucket = "petclinic-rds-export"
}

resource "aws_s3_bucket" "loki" {
  bucket = "petclinic-loki-chunks"
}

resource "aws_iam_role" "sync" {
  name = "petclinic-azure-sync"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "sync" {
  role       = aws_iam_role.sync.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "sync" {
  function_name = "petclinic-azure-sync"
  role          = aws_iam_role.sync.arn
  handler       = "sync.handler"
  runtime       = "python3.12"
  filename      = "sync.zip"
  timeout       = 900
}

# 03:00 in Seoul.
resource "aws_cloudwatch_event_rule" "sync" {
  name                = "petclinic-azure-sync"
  schedule_expression = "cron(0 18 * * ? *)"
}

resource "aws_cloudwatch_event_target" "sync" {
  rule = aws_cloudwatch_event_rule.sync.name
  arn  = aws_lambda_function.sync.arn
}
