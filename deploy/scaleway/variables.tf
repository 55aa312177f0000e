variable "image_tag" {
  description = "Tag of both images in the registry; a new one is a new deployment."
  type        = string
}

variable "public_url" {
  description = "Where browsers reach MecaPy, such as https://mecapy.example.eu; its name is a CNAME of the output web_cname."
  type        = string

  validation {
    condition     = can(regex("^https://[a-z0-9.-]+$", var.public_url))
    error_message = "public_url is https:// and a host name, without a path."
  }
}

variable "oidc_issuer" {
  description = "Issuer of the login, such as https://login.example.eu/realms/mecapy; docs/deploy/keycloak.md says where it is hosted."
  type        = string
}

variable "oidc_client_secret" {
  description = "Secret of the client mecapy there."
  type        = string
  sensitive   = true
}

variable "bucket" {
  description = "Name of the bucket; unique among all customers."
  type        = string
  default     = "mecapy-storage"
}

variable "sandbox_level" {
  description = "host-sandboxed inside the platform's gVisor (sandbox v2). Others need sandbox v1, and the worker refuses to start where they do not hold."
  type        = string
  default     = "host-sandboxed"

  validation {
    condition     = contains(["host-sandboxed", "filtered", "full"], var.sandbox_level)
    error_message = "Known levels are host-sandboxed, filtered and full."
  }
}

variable "worker_slots" {
  description = "Runs at once in one worker, at level full; below it is always one."
  type        = number
  default     = 4
}

variable "worker_memory_mb" {
  description = "Memory of a worker, MB: 2,048 for a run above what the interpreters hold."
  type        = number
  default     = 3072
}

variable "worker_mvcpu" {
  description = "Processor of a worker, thousandths; the platform couples it with the memory."
  type        = number
  default     = 1680
}

variable "database_node_type" {
  description = "DB-DEV-S to begin with; a type with high availability for more."
  type        = string
  default     = "DB-DEV-S"
}

variable "database_highly_available" {
  description = "A second node that takes over. Cannot be changed later without a new instance."
  type        = bool
  default     = false
}

variable "redis_version" {
  description = "One that `scw redis version list` shows."
  type        = string
  default     = "7.2.5"
}

variable "operator_cidr" {
  description = "Address range from which the database may be reached for backups and clean-up, such as 192.0.2.7/32; empty for none."
  type        = string
  default     = ""
}

variable "otlp_endpoint" {
  description = "OpenTelemetry collector that traces are sent to; empty for none."
  type        = string
  default     = ""
}
