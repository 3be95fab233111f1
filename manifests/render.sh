#!/usr/bin/env bash
# Prints what the chart renders by default, without the CRD, for those who install without Helm. HELM names the program.
set -euo pipefail
cd "$(dirname "$0")"

echo '# Generated from charts/serinus by `make manifests`; change the chart instead.'
# A label that says Helm manages the object would not be true here.
"${HELM:-helm}" template serinus ../charts/serinus --namespace serinus-system --set crds.install=false |
    awk '/^# Source: |app\.kubernetes\.io\/managed-by: Helm$/ { next }
         /^$/ { blank = 1; next }
         blank && !/^---$/ { print "" }
         { blank = 0; print }'
