# Three brokers.
resource "aws_msk_cluster" "main" {
  cluster_name           = "genai-demo-production"
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
