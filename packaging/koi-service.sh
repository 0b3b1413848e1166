# The words of koi's services, for scripts in a POSIX shell:
#
#   . /usr/share/koi/koi-service.sh
#   if koi_is_promoted; then exit "$KOI_EXIT_PROMOTED"; fi
#
# That is where koi is installed; in its sources this is packaging/koi-service.sh. It needs nothing else, so a
# copy beside the scripts is as good. koi-service(7) has the contract.
#
# The codes from 90 on are for `status` alone, and are taken for the truth: what a service is found to be it
# is, and what has to be done about that begins at once.
# shellcheck shell=sh disable=SC2034

# Any script: it has done what it is for, or has nothing to do.
KOI_EXIT_OK=0
# Any script: it has failed. So has any other code that is not named here.
KOI_EXIT_FAILED=1
# status: it runs and is promoted.
KOI_EXIT_PROMOTED=90
# status: it runs as a backup and could be promoted.
KOI_EXIT_STANDBY=91
# status: it does not run.
KOI_EXIT_STOPPED=92
# status: it runs and cannot be promoted, as while it catches up.
KOI_EXIT_LIVE=93

# Whether the runner takes the service for promoted: from before `promote` until `demote` has succeeded.
koi_is_promoted() {
  [ "${KOI_IS_PROMOTED:-0}" = 1 ]
}
