resource "scaleway_registry_namespace" "main" {
  name      = "mecapy"
  is_public = false
}

resource "scaleway_container_namespace" "main" {
  name = "mecapy"
}

resource "random_password" "worker_token" {
  length  = 48
  special = false
}

resource "random_password" "metrics_token" {
  length  = 48
  special = false
}

locals {
  mb    = 1000 * 1000
  slots = var.sandbox_level == "full" ? var.worker_slots : 1
  # Longer than the longest run, its uploads and the grace of both sides; the platform ends what takes longer.
  run_timeout_s = 1200

  database     = one(scaleway_rdb_instance.main.private_network)
  redis        = one(scaleway_redis_cluster.main.private_network)
  database_url = "postgres://mecapy:${random_password.database.result}@${local.database.ip}:${local.database.port}/${scaleway_rdb_database.main.name}?sslmode=require"
  redis_url    = "redis://mecapy:${random_password.redis.result}@${local.redis.ips[0]}:${local.redis.port}"

  server_environment = merge({
    MECAPY_PUBLIC_URL = var.public_url
    MECAPY_WORKER_URL = scaleway_container.worker.public_endpoint
    S3_ENDPOINT       = "https://s3.fr-par.scw.cloud"
    S3_BUCKET         = scaleway_object_bucket.main.name
    AWS_REGION        = "fr-par"
    OIDC_ISSUER       = var.oidc_issuer
    OIDC_CLIENT_ID    = "mecapy"
    MECAPY_DRAIN_S    = "5"
    }, var.otlp_endpoint == "" ? {} : {
    OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint
  })

  server_secrets = {
    DATABASE_URL          = local.database_url
    REDIS_URL             = local.redis_url
    AWS_ACCESS_KEY_ID     = scaleway_iam_api_key.server.access_key
    AWS_SECRET_ACCESS_KEY = scaleway_iam_api_key.server.secret_key
    MECAPY_WORKER_TOKEN   = random_password.worker_token.result
    MECAPY_METRICS_TOKEN  = random_password.metrics_token.result
    OIDC_CLIENT_SECRET    = var.oidc_client_secret
  }
}

# Calculations. Public, because only a request wakes it; it answers who shows the token, whose SHA-256 is all it holds. It
# is on no private network: a run that got out of everything else would find no database there.
resource "scaleway_container" "worker" {
  name                   = "worker"
  namespace_id           = scaleway_container_namespace.main.id
  image                  = "${scaleway_registry_namespace.main.endpoint}/worker:${var.image_tag}"
  port                   = 8080
  protocol               = "http1"
  privacy                = "public"
  https_connections_only = true
  sandbox                = var.sandbox_level == "host-sandboxed" ? "v2" : "v1"
  min_scale              = 0
  max_scale              = 10
  cpu_limit              = var.worker_mvcpu
  memory_limit_bytes     = var.worker_memory_mb * local.mb
  timeout                = local.run_timeout_s

  # A request is a run: another instance starts when every slot of the present ones is taken. What comes before it is
  # there gets 503 from the worker, which the dispatcher takes as back-pressure.
  scaling_option {
    concurrent_requests_threshold = local.slots
  }

  environment_variables = {
    MECAPY_SANDBOX_LEVEL       = var.sandbox_level
    MECAPY_WORKER_SLOTS        = tostring(local.slots)
    MECAPY_WORKER_TOKEN_SHA256 = sha256(random_password.worker_token.result)
    # Everybody reaches it.
    MECAPY_METRICS_TOKEN_SHA256 = sha256(random_password.metrics_token.result)
  }

  startup_probe {
    http {
      path = "/healthz"
    }
    interval          = "2s"
    timeout           = "2s"
    failure_threshold = 60
  }

  liveness_probe {
    http {
      path = "/healthz"
    }
    interval          = "10s"
    timeout           = "5s"
    failure_threshold = 3
  }
}

resource "scaleway_container" "web" {
  name                   = "web"
  namespace_id           = scaleway_container_namespace.main.id
  image                  = "${scaleway_registry_namespace.main.endpoint}/server:${var.image_tag}"
  port                   = 8080
  protocol               = "http1"
  privacy                = "public"
  https_connections_only = true
  sandbox                = "v2"
  args                   = ["serve", "--role", "web"]
  min_scale              = 0
  max_scale              = 10
  cpu_limit              = 560
  memory_limit_bytes     = 1024 * local.mb
  # Event streams are cut by then; pages and programs read on from where they were.
  timeout            = 3600
  private_network_id = scaleway_vpc_private_network.main.id

  # Most requests are streams that wait.
  scaling_option {
    concurrent_requests_threshold = 60
  }

  environment_variables        = local.server_environment
  secret_environment_variables = local.server_secrets

  startup_probe {
    http {
      path = "/healthz"
    }
    interval          = "1s"
    timeout           = "1s"
    failure_threshold = 60
  }

  liveness_probe {
    http {
      path = "/healthz"
    }
    interval          = "10s"
    timeout           = "5s"
    failure_threshold = 3
  }

  depends_on = [scaleway_rdb_privilege.main]
}

# Awake always: it waits for runs, and nothing would wake it.
resource "scaleway_container" "dispatcher" {
  name                   = "dispatcher"
  namespace_id           = scaleway_container_namespace.main.id
  image                  = "${scaleway_registry_namespace.main.endpoint}/server:${var.image_tag}"
  port                   = 8080
  protocol               = "http1"
  privacy                = "private"
  https_connections_only = true
  sandbox                = "v2"
  args                   = ["serve", "--role", "dispatcher"]
  min_scale              = 1
  max_scale              = 1
  cpu_limit              = 280
  memory_limit_bytes     = 512 * local.mb
  private_network_id     = scaleway_vpc_private_network.main.id

  environment_variables        = local.server_environment
  secret_environment_variables = local.server_secrets

  startup_probe {
    http {
      path = "/healthz"
    }
    interval          = "1s"
    timeout           = "1s"
    failure_threshold = 60
  }

  liveness_probe {
    http {
      path = "/healthz"
    }
    interval          = "10s"
    timeout           = "5s"
    failure_threshold = 3
  }

  depends_on = [scaleway_rdb_privilege.main]
}

resource "scaleway_container_domain" "web" {
  container_id = scaleway_container.web.id
  hostname     = trimprefix(var.public_url, "https://")
}
