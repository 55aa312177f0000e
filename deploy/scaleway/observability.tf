# Logs of containers, of the database and of Redis go to Cockpit by themselves; these are the project's own sources.

resource "scaleway_cockpit_source" "metrics" {
  name           = "mecapy-metrics"
  type           = "metrics"
  retention_days = 31
}

resource "scaleway_cockpit_source" "traces" {
  name           = "mecapy-traces"
  type           = "traces"
  retention_days = 7
}

# For a collector that sends what /metrics and the traces say: docs/deploy/scaleway.md.
resource "scaleway_cockpit_token" "collector" {
  name = "mecapy-collector"

  scopes {
    query_metrics = false
    write_metrics = true
    query_logs    = false
    write_logs    = false
    write_traces  = true
  }
}

data "scaleway_cockpit_grafana" "main" {}
