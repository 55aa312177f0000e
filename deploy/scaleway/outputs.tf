output "registry" {
  description = "Where the images are pushed: /server and /worker below it."
  value       = scaleway_registry_namespace.main.endpoint
}

output "web_cname" {
  description = "What the name of public_url is a CNAME of."
  value       = trimprefix(scaleway_container.web.public_endpoint, "https://")
}

output "grafana_url" {
  description = "Cockpit's Grafana."
  value       = data.scaleway_cockpit_grafana.main.grafana_url
}

output "metrics_push_url" {
  value = scaleway_cockpit_source.metrics.push_url
}

output "metrics_token" {
  description = "What a collector shows to read /metrics of the server."
  value       = random_password.metrics_token.result
  sensitive   = true
}

output "cockpit_token" {
  value     = scaleway_cockpit_token.collector.secret_key
  sensitive = true
}

output "database_url" {
  description = "For backups and clean-up from operator_cidr."
  value       = var.operator_cidr == "" ? null : "postgres://mecapy:${random_password.database.result}@${one(scaleway_rdb_instance.main.load_balancer).ip}:${one(scaleway_rdb_instance.main.load_balancer).port}/mecapy?sslmode=require"
  sensitive   = true
}
