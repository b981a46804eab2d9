"""What watches and what tells: CloudWatch, logs, events, SNS, SQS, budgets, Lambda."""

from __future__ import annotations

import json

from seawall.deploy.probe import Seen, Standing, only, pairs, probes


@probes("aws_cloudwatch_metric_alarm")
def alarm(standing: Standing) -> Seen:
    """An alarm; healthy when it does not ring. Without data there is nothing to say yet."""
    client = standing.client("cloudwatch")
    found = only(client.describe_alarms(AlarmNames=[standing["alarm_name"]])["MetricAlarms"])
    tags = pairs(client.list_tags_for_resource(ResourceARN=standing["arn"])["Tags"])
    state = found["StateValue"]
    healthy = {"OK": True, "ALARM": False}.get(state)
    same = {"alarm_actions": (sorted(standing["alarm_actions"] or ()), sorted(found.get("AlarmActions", ())))}
    return Seen(same, tags, healthy, f"state {state}")


@probes("aws_cloudwatch_composite_alarm")
def composite_alarm(standing: Standing) -> Seen:
    """An alarm made of alarms; healthy when it does not ring."""
    found = only(
        standing.client("cloudwatch").describe_alarms(
            AlarmNames=[standing["alarm_name"]], AlarmTypes=["CompositeAlarm"]
        )["CompositeAlarms"]
    )
    state = found["StateValue"]
    return Seen(healthy={"OK": True, "ALARM": False}.get(state), health=f"state {state}")


@probes("aws_cloudwatch_dashboard")
def dashboard(standing: Standing) -> Seen:
    """A dashboard and its panels."""
    found = standing.client("cloudwatch").get_dashboard(DashboardName=standing["dashboard_name"])
    wanted, shown = (json.loads(text) for text in (standing["dashboard_body"], found["DashboardBody"]))
    return Seen({"dashboard_body": (wanted, shown)})


@probes("aws_cloudwatch_log_group")
def log_group(standing: Standing) -> Seen:
    """A log group and how many days it keeps."""
    client = standing.client("logs")
    pages = client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=standing["name"])
    found = only([one for page in pages for one in page["logGroups"] if one["logGroupName"] == standing["name"]])
    tags = client.list_tags_for_resource(resourceArn=standing["arn"].removesuffix(":*"))["tags"]
    same = {"retention_in_days": (standing["retention_in_days"], found.get("retentionInDays", 0))}
    return Seen(same, tags)


@probes("aws_cloudwatch_log_metric_filter")
def metric_filter(standing: Standing) -> Seen:
    """A metric made of log lines."""
    only(
        standing.client("logs").describe_metric_filters(
            logGroupName=standing["log_group_name"], filterNamePrefix=standing["name"]
        )["metricFilters"]
    )
    return Seen()


@probes("aws_cloudwatch_event_rule")
def event_rule(standing: Standing) -> Seen:
    """A rule of a bus; healthy when enabled as described."""
    client = standing.client("events")
    bus = {"EventBusName": standing.values.get("event_bus_name") or "default"}
    found = client.describe_rule(Name=standing["name"], **bus)
    tags = pairs(client.list_tags_for_resource(ResourceARN=standing["arn"])["Tags"])
    return Seen({"state": (standing["state"], found["State"])}, tags)


@probes("aws_cloudwatch_event_target")
def event_target(standing: Standing) -> Seen:
    """Where a rule's events go."""
    bus = {"EventBusName": standing.values.get("event_bus_name") or "default"}
    targets = standing.client("events").list_targets_by_rule(Rule=standing["rule"], **bus)["Targets"]
    found = only([one for one in targets if one["Id"] == standing["target_id"]])
    return Seen({"arn": (standing["arn"], found["Arn"])})


@probes("aws_sns_topic")
def topic(standing: Standing) -> Seen:
    """A topic."""
    client = standing.client("sns")
    found = client.get_topic_attributes(TopicArn=standing["arn"])["Attributes"]
    tags = pairs(client.list_tags_for_resource(ResourceArn=standing["arn"])["Tags"])
    same = {"kms_master_key_id": (standing["kms_master_key_id"] or "", found.get("KmsMasterKeyId", ""))}
    return Seen(same, tags)


@probes("aws_sns_topic_policy")
def topic_policy(standing: Standing) -> Seen:
    """Who may use a topic."""
    found = standing.client("sns").get_topic_attributes(TopicArn=standing["arn"])["Attributes"]
    return Seen({"policy": (json.loads(standing["policy"]), json.loads(found["Policy"]))})


@probes("aws_sns_topic_subscription")
def subscription(standing: Standing) -> Seen:
    """Who hears a topic; healthy when they have confirmed."""
    found = standing.client("sns").get_subscription_attributes(SubscriptionArn=standing["arn"])["Attributes"]
    pending = found.get("PendingConfirmation") == "true"
    health = "not confirmed yet" if pending else "confirmed"
    return Seen({"endpoint": (standing["endpoint"], found["Endpoint"])}, None, not pending, health)


@probes("aws_sqs_queue")
def queue(standing: Standing) -> Seen:
    """A queue."""
    client = standing.client("sqs")
    found = client.get_queue_attributes(QueueUrl=standing["url"], AttributeNames=["All"])["Attributes"]
    tags = client.list_queue_tags(QueueUrl=standing["url"]).get("Tags", {})
    return Seen({"arn": (standing["arn"], found["QueueArn"])}, tags)


@probes("aws_lambda_function")
def function(standing: Standing) -> Seen:
    """A function, and that the code that runs is the code that was shipped; healthy when active."""
    found = standing.client("lambda").get_function(FunctionName=standing["function_name"])
    configuration = found["Configuration"]
    state = configuration.get("State", "Active")
    same = {"runtime": (standing["runtime"], configuration.get("Runtime"))}
    shipped = standing.values.get("source_code_hash")
    if shipped:
        same["source_code_hash"] = (shipped, configuration.get("CodeSha256"))
    return Seen(same, found.get("Tags") or {}, state == "Active", f"state {state}")


@probes("aws_lambda_permission")
def permission(standing: Standing) -> Seen:
    """Who may call a function, and for what."""
    policy = standing.client("lambda").get_policy(FunctionName=standing["function_name"])["Policy"]
    said = [one for one in json.loads(policy)["Statement"] if one.get("Sid") == standing["statement_id"]]
    found = only(said)
    source = next(iter(found.get("Condition", {}).get("ArnLike", {}).values()), None)
    same = {"action": (standing["action"], found["Action"])}
    if standing.values.get("source_arn"):
        same["source_arn"] = (standing["source_arn"], source)
    return Seen(same)


@probes("aws_lambda_function_event_invoke_config")
def attempts(standing: Standing) -> Seen:
    """How often a function is tried again, and for how long."""
    found = standing.client("lambda").get_function_event_invoke_config(FunctionName=standing["function_name"])
    wanted = (standing["maximum_retry_attempts"], standing["maximum_event_age_in_seconds"])
    there = (found.get("MaximumRetryAttempts"), found.get("MaximumEventAgeInSeconds"))
    return Seen({"attempts and age": (wanted, there)})


@probes("aws_xray_group")
def traces(standing: Standing) -> Seen:
    """A group of traces, and what belongs to it."""
    found = standing.client("xray").get_group(GroupARN=standing["arn"])["Group"]
    return Seen({"filter_expression": (standing["filter_expression"], found.get("FilterExpression"))})


@probes("aws_xray_sampling_rule")
def sampling_rule(standing: Standing) -> Seen:
    """Which share of requests is traced."""
    pages = standing.client("xray").get_paginator("get_sampling_rules").paginate()
    rules = [record["SamplingRule"] for page in pages for record in page["SamplingRuleRecords"]]
    found = only([rule for rule in rules if rule["RuleName"] == standing["rule_name"]])
    return Seen({"fixed_rate": (standing["fixed_rate"], found["FixedRate"])})


@probes("aws_budgets_budget")
def budget(standing: Standing) -> Seen:
    """A budget, its limit, and when it tells somebody."""
    client = standing.client("budgets", "us-east-1")
    named = {"AccountId": standing["account_id"], "BudgetName": standing["name"]}
    found = client.describe_budget(**named)["Budget"]
    wanted, limit = float(standing["limit_amount"]), float(found["BudgetLimit"]["Amount"])
    tags = pairs(client.list_tags_for_resource(ResourceARN=standing["arn"])["ResourceTags"])
    pages = client.get_paginator("describe_notifications_for_budget").paginate(**named)
    notifications = (one for page in pages for one in page["Notifications"])
    there = sorted((one["NotificationType"], float(one["Threshold"])) for one in notifications)
    told = sorted((one["notification_type"], float(one["threshold"])) for one in standing["notification"])
    return Seen({"limit_amount": (wanted, limit), "notification": (told, there)}, tags)


@probes("aws_scheduler_schedule")
def schedule(standing: Standing) -> Seen:
    """A schedule and its times."""
    found = standing.client("scheduler").get_schedule(Name=standing["name"], GroupName=standing["group_name"])
    wanted = standing["schedule_expression"]
    return Seen({"schedule_expression": (wanted, found["ScheduleExpression"])})


@probes("aws_budgets_budget_action")
def budget_action(standing: Standing) -> Seen:
    """What a budget does by itself, from which share on."""
    found = standing.client("budgets", "us-east-1").describe_budget_action(
        AccountId=standing["account_id"], BudgetName=standing["budget_name"], ActionId=standing["action_id"]
    )["Action"]
    [threshold] = standing["action_threshold"]
    wanted, there = float(threshold["action_threshold_value"]), found["ActionThreshold"]["ActionThresholdValue"]
    same = {
        "approval_model": (standing["approval_model"], found["ApprovalModel"]),
        "action_threshold_value": (wanted, float(there)),
    }
    return Seen(same)


@probes("aws_sqs_queue_policy")
def queue_policy(standing: Standing) -> Seen:
    """Who may use a queue."""
    client = standing.client("sqs")
    found = client.get_queue_attributes(QueueUrl=standing["queue_url"], AttributeNames=["Policy"])["Attributes"]
    return Seen({"policy": (json.loads(standing["policy"]), json.loads(found["Policy"]))})


@probes("aws_cloudwatch_log_stream")
def log_stream(standing: Standing) -> Seen:
    """A stream of a log group."""
    found = standing.client("logs").describe_log_streams(
        logGroupName=standing["log_group_name"], logStreamNamePrefix=standing["name"]
    )["logStreams"]
    only([one for one in found if one["logStreamName"] == standing["name"]])
    return Seen()


@probes("aws_chatbot_slack_channel_configuration")
def slack_channel(standing: Standing) -> Seen:
    """A channel that hears topics; AWS keeps these in a region of its own choice."""
    client = standing.client("chatbot", "us-east-2")
    found = only(
        client.describe_slack_channel_configurations(ChatConfigurationArn=standing["chat_configuration_arn"])[
            "SlackChannelConfigurations"
        ]
    )
    topics = (sorted(standing["sns_topic_arns"] or ()), sorted(found["SnsTopicArns"]))
    same = {"slack_channel_id": (standing["slack_channel_id"], found["SlackChannelId"]), "sns_topic_arns": topics}
    return Seen(same, pairs(found.get("Tags"), "TagKey", "TagValue"))
