provider "aws" {
  region = "ap-northeast-2"
}

resource "aws_sns_topic" "alarms" {
  name = "pocketbank-alarms"
}

resource "aws_cloudwatch_metric_alarm" "node_cpu_high" {
  alarm_name          = "node-cpu-high"
  namespace           = "ContainerInsights"
  metric_name         = "node_cpu_utilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 80
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    ClusterName = "pocketbank"
  }
}

resource "aws_cloudwatch_metric_alarm" "node_memory_high" {
  alarm_name          = "node-memory-high"
  namespace           = "ContainerInsights"
  metric_name         = "node_memory_utilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 85
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    ClusterName = "pocketbank"
  }
}

resource "aws_cloudwatch_metric_alarm" "node_disk_high" {
  alarm_name          = "node-disk-high"
  namespace           = "ContainerInsights"
  metric_name         = "node_filesystem_utilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 80
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    ClusterName = "pocketbank"
  }
}

resource "aws_cloudwatch_metric_alarm" "node_status_check_failed" {
  alarm_name          = "node-status-check-failed"
  namespace           = "AWS/EC2"
  metric_name         = "StatusCheckFailed"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "node_count_low" {
  alarm_name          = "node-count-low"
  namespace           = "ContainerInsights"
  metric_name         = "cluster_node_count"
  statistic           = "Average"
  comparison_operator = "LessThanThreshold"
  threshold           = 4
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    ClusterName = "pocketbank"
  }
}

resource "aws_cloudwatch_metric_alarm" "pod_cpu_high" {
  alarm_name          = "pod-cpu-high"
  namespace           = "ContainerInsights"
  metric_name         = "pod_cpu_utilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 80
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    ClusterName = "pocketbank"
  }
}

resource "aws_cloudwatch_metric_alarm" "pod_memory_high" {
  alarm_name          = "pod-memory-high"
  namespace           = "ContainerInsights"
  metric_name         = "pod_memory_utilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 85
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    ClusterName = "pocketbank"
  }
}

resource "aws_cloudwatch_metric_alarm" "pod_restart_high" {
  alarm_name          = "pod-restart-high"
  namespace           = "ContainerInsights"
  metric_name         = "pod_number_of_container_restarts"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    ClusterName = "pocketbank"
  }
}

resource "aws_cloudwatch_metric_alarm" "container_cpu_high" {
  alarm_name          = "container-cpu-high"
  namespace           = "ContainerInsights"
  metric_name         = "container_cpu_utilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 90
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    ClusterName = "pocketbank"
  }
}

resource "aws_cloudwatch_metric_alarm" "container_memory_high" {
  alarm_name          = "container-memory-high"
  namespace           = "ContainerInsights"
  metric_name         = "container_memory_utilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 90
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    ClusterName = "pocketbank"
  }
}

resource "aws_cloudwatch_metric_alarm" "alb_5xx_errors_high" {
  alarm_name          = "alb-5xx-errors-high"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_ELB_5XX_Count"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 10
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    LoadBalancer = "app/pocketbank-alb/0123456789abcdef"
  }
}

resource "aws_cloudwatch_metric_alarm" "target_5xx_errors_high" {
  alarm_name          = "target-5xx-errors-high"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 10
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    LoadBalancer = "app/pocketbank-alb/0123456789abcdef"
  }
}

resource "aws_cloudwatch_metric_alarm" "alb_latency_high" {
  alarm_name          = "alb-latency-high"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  extended_statistic  = "p95"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 2
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    LoadBalancer = "app/pocketbank-alb/0123456789abcdef"
  }
}

resource "aws_cloudwatch_metric_alarm" "unhealthy_hosts" {
  alarm_name          = "unhealthy-hosts"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "UnHealthyHostCount"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    LoadBalancer = "app/pocketbank-alb/0123456789abcdef"
  }
}

resource "aws_cloudwatch_metric_alarm" "alb_surge_queue_high" {
  alarm_name          = "alb-surge-queue-high"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "SurgeQueueLength"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 100
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    LoadBalancer = "app/pocketbank-alb/0123456789abcdef"
  }
}

resource "aws_cloudwatch_metric_alarm" "rds_cpu_high" {
  alarm_name          = "rds-cpu-high"
  namespace           = "AWS/RDS"
  metric_name         = "CPUUtilization"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 80
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    DBInstanceIdentifier = "pocketbank-db"
  }
}

resource "aws_cloudwatch_metric_alarm" "rds_storage_low" {
  alarm_name          = "rds-storage-low"
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 5000000000
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    DBInstanceIdentifier = "pocketbank-db"
  }
}

resource "aws_cloudwatch_metric_alarm" "rds_connections_high" {
  alarm_name          = "rds-connections-high"
  namespace           = "AWS/RDS"
  metric_name         = "DatabaseConnections"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 800
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    DBInstanceIdentifier = "pocketbank-db"
  }
}

resource "aws_cloudwatch_metric_alarm" "rds_disk_queue_high" {
  alarm_name          = "rds-disk-queue-high"
  namespace           = "AWS/RDS"
  metric_name         = "DiskQueueDepth"
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 10
  period              = 60
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alarms.arn]

  dimensions = {
    DBInstanceIdentifier = "pocketbank-db"
  }
}

resource "aws_iam_role" "recovery" {
  name = "pocketbank-recovery"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "recovery" {
  role       = aws_iam_role.recovery.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "recovery" {
  function_name = "pocketbank-recovery"
  role          = aws_iam_role.recovery.arn
  handler       = "recovery.handler"
  runtime       = "python3.12"
  filename      = "recovery.zip"

  environment {
    variables = {
      TOPIC = aws_sns_topic.alarms.arn
    }
  }
}

resource "aws_sns_topic_subscription" "recovery" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "lambda"
  endpoint  = aws_lambda_function.recovery.arn
}

resource "aws_lambda_permission" "recovery" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.recovery.function_name
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.alarms.arn
}
