provider "aws" {
  region = "ap-east-2"
}

resource "aws_sns_topic" "cost" {
  name = "genai-demo-cost"
}

# 50 % by mail, 80 % by mail and Slack; at 100 % autoscaling is restricted.
resource "aws_budgets_budget" "production" {
  name         = "genai-demo-production"
  budget_type  = "COST"
  limit_amount = "500"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 50
    threshold_type             = "PERCENTAGE"
    notification_type          = "ACTUAL"
    subscriber_email_addresses = ["architecture-team@genai-demo.example"]
  }

  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    notification_type          = "ACTUAL"
    subscriber_email_addresses = ["architecture-team@genai-demo.example"]
    subscriber_sns_topic_arns  = [aws_sns_topic.cost.arn]
  }

  notification {
    comparison_operator       = "GREATER_THAN"
    threshold                 = 100
    threshold_type            = "PERCENTAGE"
    notification_type         = "ACTUAL"
    subscriber_sns_topic_arns = [aws_sns_topic.cost.arn]
  }
}
