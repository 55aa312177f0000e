# What keeps state. Database and Redis are reached on a private network alone.

resource "scaleway_vpc" "main" {
  name = "mecapy"
}

resource "scaleway_vpc_private_network" "main" {
  name   = "mecapy"
  vpc_id = scaleway_vpc.main.id
}

resource "random_password" "database" {
  length      = 40
  min_upper   = 1
  min_lower   = 1
  min_numeric = 1
  min_special = 1
  # Nothing that a URL would have to escape.
  override_special = "-_.~"
}

resource "random_password" "redis" {
  length           = 40
  min_upper        = 1
  min_lower        = 1
  min_numeric      = 1
  min_special      = 1
  override_special = "-_.~"
}

resource "scaleway_rdb_instance" "main" {
  name               = "mecapy-postgres"
  engine             = "PostgreSQL-16"
  node_type          = var.database_node_type
  is_ha_cluster      = var.database_highly_available
  user_name          = "mecapy"
  password           = random_password.database.result
  encryption_at_rest = true

  disable_backup            = false
  backup_schedule_frequency = 24
  backup_schedule_retention = 14
  backup_same_region        = false

  # Ten web servers and the dispatcher hold up to 18 each.
  settings = {
    "max_connections" = "250"
  }

  private_network {
    pn_id       = scaleway_vpc_private_network.main.id
    enable_ipam = true
  }

  # A public endpoint only for whoever may use it.
  dynamic "load_balancer" {
    for_each = var.operator_cidr == "" ? [] : [1]
    content {}
  }
}

resource "scaleway_rdb_acl" "operator" {
  count       = var.operator_cidr == "" ? 0 : 1
  instance_id = scaleway_rdb_instance.main.id

  acl_rules {
    ip          = var.operator_cidr
    description = "operator"
  }
}

resource "scaleway_rdb_database" "main" {
  instance_id = scaleway_rdb_instance.main.id
  name        = "mecapy"
}

resource "scaleway_rdb_privilege" "main" {
  instance_id   = scaleway_rdb_instance.main.id
  database_name = scaleway_rdb_database.main.name
  user_name     = scaleway_rdb_instance.main.user_name
  permission    = "all"
}

# The doorbell: losing it costs speed and nothing else, so one small node does.
resource "scaleway_redis_cluster" "main" {
  name         = "mecapy-redis"
  version      = var.redis_version
  node_type    = "RED1-MICRO"
  cluster_size = 1
  user_name    = "mecapy"
  password     = random_password.redis.result

  private_network {
    id = scaleway_vpc_private_network.main.id
  }
}

resource "scaleway_object_bucket" "main" {
  name = var.bucket

  versioning {
    enabled = true
  }

  # What was overwritten or deleted can be had back for a month: docs/operations/backup.md.
  lifecycle_rule {
    id      = "former-versions"
    enabled = true

    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }

  lifecycle_rule {
    id                                     = "unfinished-uploads"
    enabled                                = true
    abort_incomplete_multipart_upload_days = 1
  }
}

# The server's own key: objects of this project and nothing else.
resource "scaleway_iam_application" "server" {
  name = "mecapy-server"
}

resource "scaleway_iam_policy" "server" {
  name           = "mecapy-server"
  application_id = scaleway_iam_application.server.id

  rule {
    project_ids = [scaleway_object_bucket.main.project_id]
    permission_set_names = [
      "ObjectStorageBucketsRead",
      "ObjectStorageObjectsRead",
      "ObjectStorageObjectsWrite",
      "ObjectStorageObjectsDelete",
    ]
  }
}

resource "scaleway_iam_api_key" "server" {
  application_id     = scaleway_iam_application.server.id
  default_project_id = scaleway_object_bucket.main.project_id
  description        = "mecapy-server"
}
