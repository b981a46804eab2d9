resource "aws_sqs_queue" "dead" {
  name = "${local.name}-dead"
}

resource "aws_sqs_queue" "this" {
  name           = local.name
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 5 })
}

resource "aws_lambda_function" "this" {
  function_name = local.name
  role          = aws_iam_role.this["lambda"].arn
  runtime       = "python3.13"
  handler       = "main.handler"
  filename      = "${path.module}/empty.zip"
  dead_letter_config { target_arn = aws_sqs_queue.dead.arn }
}

resource "aws_sfn_state_machine" "this" {
  name       = local.name
  role_arn   = aws_iam_role.this["states"].arn
  definition = jsonencode({ StartAt = "Done", States = { Done = { Type = "Succeed" } } })
}

resource "aws_dynamodb_table" "this" {
  name           = local.name
  hash_key       = "id"
  billing_mode   = "PROVISIONED"
  read_capacity  = 1
  write_capacity = 1
  attribute {
    name = "id"
    type = "S"
  }
  lifecycle { ignore_changes = [read_capacity] }
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "dynamodb"
  resource_id        = "table/${aws_dynamodb_table.this.name}"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  min_capacity       = 1
  max_capacity       = 4
}

data "aws_ami" "this" {
  owners      = ["amazon"]
  most_recent = true
}

resource "aws_launch_template" "this" {
  name          = local.name
  image_id      = data.aws_ami.this.id
  instance_type = "t3.micro"
}

resource "aws_autoscaling_group" "this" {
  name                = local.name
  min_size            = 0
  max_size            = 2
  vpc_zone_identifier = aws_subnet.this[*].id
  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }
}

resource "aws_autoscaling_policy" "this" {
  name                   = "cpu"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"
  target_tracking_configuration {
    target_value = 50
    predefined_metric_specification { predefined_metric_type = "ASGAverageCPUUtilization" }
  }
}

resource "aws_budgets_budget" "this" {
  name         = local.name
  budget_type  = "COST"
  limit_amount = "100"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
}

resource "aws_budgets_budget_action" "this" {
  budget_name        = aws_budgets_budget.this.name
  action_type        = "APPLY_IAM_POLICY"
  approval_model     = "MANUAL"
  notification_type  = "ACTUAL"
  execution_role_arn = aws_iam_role.this["budgets"].arn
  action_threshold {
    action_threshold_type  = "PERCENTAGE"
    action_threshold_value = 100
  }
  definition {
    iam_action_definition {
      policy_arn = "arn:aws:iam::aws:policy/AWSDenyAll"
      roles      = [aws_iam_role.this["lambda"].name]
    }
  }
  subscriber {
    address           = "owner@wider.example"
    subscription_type = "EMAIL"
  }
}

resource "aws_ce_anomaly_monitor" "this" {
  name              = local.name
  monitor_type      = "DIMENSIONAL"
  monitor_dimension = "SERVICE"
}

resource "aws_ce_anomaly_subscription" "this" {
  name             = local.name
  frequency        = "DAILY"
  monitor_arn_list = [aws_ce_anomaly_monitor.this.arn]
  subscriber {
    type    = "EMAIL"
    address = "owner@wider.example"
  }
  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = ["50"]
    }
  }
}

resource "aws_globalaccelerator_accelerator" "this" {
  name = local.name
}

resource "aws_globalaccelerator_listener" "this" {
  accelerator_arn = aws_globalaccelerator_accelerator.this.arn
  protocol        = "TCP"
  port_range {
    from_port = 443
    to_port   = 443
  }
}

resource "aws_globalaccelerator_endpoint_group" "this" {
  listener_arn          = aws_globalaccelerator_listener.this.arn
  endpoint_group_region = "ap-northeast-2"
  health_check_path     = "/health"
  health_check_protocol = "HTTPS"
}

resource "aws_xray_group" "this" {
  group_name        = local.name
  filter_expression = "responsetime > 2"
}

resource "aws_xray_sampling_rule" "this" {
  rule_name      = local.name
  priority       = 100
  version        = 1
  reservoir_size = 1
  fixed_rate     = 0.05
  url_path       = "*"
  host           = "*"
  http_method    = "*"
  service_type   = "*"
  service_name   = "*"
  resource_arn   = "*"
}

resource "aws_grafana_workspace" "this" {
  name                     = local.name
  account_access_type      = "CURRENT_ACCOUNT"
  authentication_providers = ["AWS_SSO"]
  permission_type          = "SERVICE_MANAGED"
  data_sources             = ["PROMETHEUS"]
}

resource "aws_prometheus_workspace" "this" {
  alias = local.name
}

resource "aws_prometheus_alert_manager_definition" "this" {
  workspace_id = aws_prometheus_workspace.this.id
  definition   = "alertmanager_config: |\n  route:\n    receiver: default\n  receivers:\n    - name: default\n"
}
