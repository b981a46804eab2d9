# Three brokers.
resource "aws_msk_cluster" "main" {
  cluster_name           = "genai-demo-dr"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 3
  broker_node_group_info {
    instance_type   = "kafka.m5.large"
    client_subnets  = [data.terraform_remote_state.network.outputs.private_a, data.terraform_remote_state.network.outputs.private_b]
    security_groups = [data.terraform_remote_state.network.outputs.app_group]
    storage_info {
      ebs_storage_info {
        volume_size = 100
      }
    }
  }
  encryption_info {
    encryption_at_rest_kms_key_arn = aws_kms_key.data.arn
    encryption_in_transit {
      client_broker = "TLS"
      in_cluster    = true
    }
  }
}

variable "replicator_role_arn" {
  type = string
}

# Replicated to the secondary region.
resource "aws_msk_replicator" "main" {
  replicator_name            = "genai-demo"
  service_execution_role_arn = var.replicator_role_arn

  kafka_cluster {
    amazon_msk_cluster {
      msk_cluster_arn = data.terraform_remote_state.data.outputs.kafka
    }
    vpc_config {
      subnet_ids          = [data.terraform_remote_state.network.outputs.private_a, data.terraform_remote_state.network.outputs.private_b]
      security_groups_ids = [data.terraform_remote_state.network.outputs.app_group]
    }
  }

  kafka_cluster {
    amazon_msk_cluster {
      msk_cluster_arn = aws_msk_cluster.main.arn
    }
    vpc_config {
      subnet_ids          = [data.terraform_remote_state.network.outputs.private_a, data.terraform_remote_state.network.outputs.private_b]
      security_groups_ids = [data.terraform_remote_state.network.outputs.app_group]
    }
  }

  replication_info_list {
    source_kafka_cluster_arn = data.terraform_remote_state.data.outputs.kafka
    target_kafka_cluster_arn = aws_msk_cluster.main.arn
    target_compression_type  = "LZ4"
    topic_replication {
      topics_to_replicate = ["genai-demo-events-production"]
    }
    consumer_group_replication {
      consumer_groups_to_replicate = [".*"]
    }
  }
}
