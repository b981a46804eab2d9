"""Argo CD: applications and their syncs, the repository server's work with git, sets of applications."""

from __future__ import annotations

from typing import Final

SOURCE: Final = (
    "argoproj/argo-cd@37ee0097cf85, controller/metrics/metrics.go, reposerver/metrics/metrics.go; "
    "applicationset/metrics/metrics.go, server/metrics/metrics.go"
)
INCLUDES: Final = ("go",)
METRICS: Final = """
argocd_app_info gauge namespace name project autosync_enabled repo dest_server dest_namespace sync_status \
health_status operation
argocd_app_k8s_request_total counter namespace name project server response_code verb resource_kind \
resource_namespace dry_run
argocd_app_orphaned_resources_count gauge namespace name project
argocd_app_reconcile histogram namespace dest_server
argocd_app_sync_duration_seconds_total counter namespace name project dest_server
argocd_app_sync_total counter namespace name project dest_server phase dry_run
argocd_appset_info gauge namespace name resource_update_status
argocd_appset_owned_applications gauge namespace name
argocd_appset_reconcile histogram namespace name
argocd_git_fetch_fail_total counter repo revision
argocd_git_lsremote_fail_total counter repo revision
argocd_git_request_duration_seconds histogram repo request_type
argocd_git_request_total counter repo request_type
argocd_info gauge version
argocd_kubectl_exec_pending gauge hostname command
argocd_kubectl_exec_total counter hostname command
argocd_login_request_total counter status
argocd_proxy_extension_request_total counter extension status
argocd_redis_request_total counter hostname initiator command failed
argocd_repo_parallelism_wait_duration_seconds histogram
argocd_repo_pending_request_total gauge repo
argocd_resource_events_processed_in_batch gauge server
argocd_resource_events_processing histogram server
"""
