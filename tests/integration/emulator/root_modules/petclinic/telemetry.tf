resource "aws_sns_topic" "alarms" {
  name              = "${local.name}-alarms"
  kms_master_key_id = aws_kms_key.this.key_id
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Alarms", Effect = "Allow", Action = "SNS:Publish", Resource = aws_sns_topic.alarms.arn
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_sns_topic_subscription" "alarms" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = "oncall@petclinic.example"
}

resource "aws_sns_topic" "edge" {
  provider = aws.us_east_1
  name     = "${local.name}-edge"
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = "${local.name}-db-cpu"
  namespace           = "AWS/RDS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 80
  period              = 60
  evaluation_periods  = 10
  datapoints_to_alarm = 8
  treat_missing_data  = "breaching"
  dimensions          = { DBInstanceIdentifier = aws_db_instance.this.identifier }
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${local.name}-error-ratio"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1
  evaluation_periods  = 2
  alarm_actions       = [aws_sns_topic.alarms.arn]
  metric_query {
    id          = "ratio"
    expression  = "100 * errors / requests"
    return_data = true
  }
  metric_query {
    id = "errors"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_Target_5XX_Count"
      period      = 60
      stat        = "Sum"
      dimensions  = { LoadBalancer = aws_lb.this.arn_suffix }
    }
  }
  metric_query {
    id = "requests"
    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "RequestCount"
      period      = 60
      stat        = "Sum"
      dimensions  = { LoadBalancer = aws_lb.this.arn_suffix }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "health" {
  provider            = aws.us_east_1
  alarm_name          = "${local.name}-health-check"
  namespace           = "AWS/Route53"
  metric_name         = "HealthCheckStatus"
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 1
  dimensions          = { HealthCheckId = aws_route53_health_check.this.id }
  alarm_actions       = [aws_sns_topic.edge.arn]
}

resource "aws_cloudwatch_composite_alarm" "down" {
  alarm_name        = "${local.name}-down"
  alarm_description = "Errors while the database is busy"
  alarm_rule        = "ALARM(${aws_cloudwatch_metric_alarm.cpu.alarm_name}) AND ALARM(${aws_cloudwatch_metric_alarm.errors.alarm_name})"
  alarm_actions     = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.name
  dashboard_body = jsonencode({
    widgets = [{
      type = "metric", x = 0, y = 0, width = 12, height = 6
      properties = {
        region  = local.region, title = "CPU", period = 60, stat = "Average"
        metrics = [["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", aws_db_instance.this.identifier]]
      }
    }]
  })
}

resource "aws_cloudwatch_log_group" "application" {
  name              = "/petclinic/application"
  retention_in_days = 30
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "errors"
  log_group_name = aws_cloudwatch_log_group.application.name
  pattern        = "ERROR"
  metric_transformation {
    name      = "Errors"
    namespace = "PetClinic"
    value     = "1"
  }
}

resource "aws_cloudwatch_query_definition" "slow" {
  name            = "${local.name}/slow"
  log_group_names = [aws_cloudwatch_log_group.application.name]
  query_string    = "fields @timestamp, @message | filter duration > 2000"
}

resource "aws_budgets_budget" "this" {
  name         = local.name
  budget_type  = "COST"
  limit_amount = "550"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  notification {
    comparison_operator       = "GREATER_THAN"
    threshold                 = 80
    threshold_type            = "PERCENTAGE"
    notification_type         = "ACTUAL"
    subscriber_sns_topic_arns = [aws_sns_topic.alarms.arn]
  }
  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 100
    threshold_type             = "PERCENTAGE"
    notification_type          = "FORECASTED"
    subscriber_email_addresses = ["oncall@petclinic.example"]
  }
}
