terraform {
  # OpenTofu or Terraform. Write-only passwords need it.
  required_version = ">= 1.11"

  required_providers {
    scaleway = {
      source  = "scaleway/scaleway"
      version = "~> 2.81"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }
}

# Keys and project from the environment: SCW_ACCESS_KEY, SCW_SECRET_KEY, SCW_DEFAULT_PROJECT_ID.
provider "scaleway" {
  region = "fr-par"
  zone   = "fr-par-1"
}
