# What every bash of a rehearsal reads first: it puts our folder first on PATH, sets an ERR trap, and tells calls by
# which bash they are made. `hook.rs` fills in what stands between at signs, leaves these lines out and reads the
# records.
#
# Whoever put itself before us on PATH (a login shell's profile, a tool's shim) comes after us again. pyenv and its kin
# are bash themselves and put their folder first just before they hand over: there it is done before each command.
#
# A script sees no function of ours unless its text sets an ERR trap, lists its traps or takes in another file: then
# `trap` is a function that keeps the two traps apart. What cannot be kept apart has no hook at all: DEBUG and RETURN
# traps, `set +E`, POSIX mode. Nothing here is traced or alters `$_`, and nothing is left but what `trap` needs.
{
  _lambdry_u=${_-}
  @PATH@
  if [ -n "${BASH_EXECUTION_STRING+is}" ]; then
    _lambdry_t=$BASH_EXECUTION_STRING _lambdry_f=
  elif [ -f "$0" ]; then
    _lambdry_t= _lambdry_f=$0
    IFS= read -r -d '' _lambdry_t <"$0" || :
  else
    _lambdry_t='trap ERR' _lambdry_f=
  fi
  case $_lambdry_f in '' | /*) ;; *) _lambdry_f=$PWD/$_lambdry_f ;; esac
  case $_lambdry_t in
  *trap*[!A-Za-z]DEBUG* | *trap*[!A-Za-z]RETURN* | *functrace* | *extdebug* | *'set +E'* | *'set +'[A-Za-z]E* | \
    *'+o errtrace'* | *'set -T'* | *'set -'[A-Za-z]T* | *'set -'[A-Za-z][A-Za-z]T* | *'builtin trap'* | *'command trap'* | *'-o posix'*)
    _lambdry_h=bare ;;
  *trap*[!A-Za-z]ERR* | *'trap -p'* | *'$(trap'* | *'`trap'* | *'
trap
'*)
    _lambdry_h=chained ;;
  *'declare -'[fF]* | *'typeset -'[fF]* | *compgen*)
    _lambdry_h=plain ;;
  *'source '* | *' . '* | *'	. '* | *';. '* | *'
. '*)
    _lambdry_h=chained ;;
  *)
    _lambdry_h=plain ;;
  esac
  case $-:${POSIXLY_CORRECT-}@BARE@ in *T*:* | *:?*) _lambdry_h=bare ;; esac
  case ${0##*/} in
  pyenv-exec | rbenv-exec | nodenv-exec | goenv-exec | jenv-exec | asdf | *.asdf/*)
    _lambdry_h=bare
    builtin trap @PATH_TRAP@ DEBUG
    ;;
  esac
  case $_lambdry_h in
  plain)
    builtin trap @PLAIN@ ERR
    ;;
  chained)
    _lambdry_inherits=no
    case $- in *E*) _lambdry_inherits=yes ;; esac
    case $_lambdry_t in
    *'set -E'* | *'set -'[A-Za-z]E* | *'set -'[A-Za-z][A-Za-z]E* | *errtrace*) _lambdry_inherits=yes ;;
    esac
    _lambdry_own= _lambdry_set=no
    # The functions that are being called, the first at the left, without the two at the top.
    _lambdry_stack() {
      local i
      _lambdry_k=
      for ((i = ${#FUNCNAME[@]} - 1; i > 1; i--)); do
        case ${FUNCNAME[i]} in
        main | source) ;;
        *) _lambdry_k=$_lambdry_k${FUNCNAME[i]}:${BASH_LINENO[i]}/ ;;
        esac
      done
    }
    # Writes the record; fails with the status where the script's own trap runs.
    _lambdry_fired() {
      builtin printf '%s\0' fired "$$" "${BASHPID-}" "$-" "${BASH_SUBSHELL-}" "$PWD" "${@:1:$#-1}" \
        @ "${BASH_SOURCE[@]:1}" @ "${BASH_LINENO[@]:1}" @ "${@:$#}" >>@FILE@ || :
      [ -n "$_lambdry_own" ] || return 0
      if [ "$_lambdry_inherits" = no ]; then
        [ "${BASH_SUBSHELL-}" = "$_lambdry_in" ] || return 0
        _lambdry_stack
        case $_lambdry_at in "$_lambdry_k"*) ;; *) return 0 ;; esac
      fi
      return "$1"
    }
    trap() {
      {
        local _lambdry_s _lambdry_q="'\\''" _lambdry_r=0 _lambdry_c
        if [ $# -eq 0 ] || [ "$1" = -p ]; then
          [ $# -eq 0 ] || shift
          [ "${1-}" != -- ] || shift
          [ $# -ne 0 ] || set -- {0..64} ERR
          for _lambdry_s; do
            case $_lambdry_s in
            [Ee][Rr][Rr])
              [ $_lambdry_set = no ] || builtin printf "trap -- '%s' ERR\n" "${_lambdry_own//\'/$_lambdry_q}" ;;
            *) builtin trap -p "$_lambdry_s" 2>&3 || _lambdry_r=1 ;;
            esac
          done
          return $_lambdry_r
        fi
        [ "$1" != -- ] || shift
        case $# in
        0) return 0 ;;
        1) _lambdry_c=- ;;
        *)
          _lambdry_c=$1
          shift
          ;;
        esac
        local -a _lambdry_o=()
        for _lambdry_s; do
          case $_lambdry_s in
          [Ee][Rr][Rr])
            _lambdry_stack
            _lambdry_at=$_lambdry_k _lambdry_in=${BASH_SUBSHELL-} _lambdry_set=yes _lambdry_own=$_lambdry_c
            if [ "$_lambdry_c" = - ]; then
              _lambdry_own= _lambdry_set=no
            fi
            if [ -z "$_lambdry_own" ]; then
              builtin trap @CHAINED@ ERR
            else
              builtin trap @CHAINED@" || { $_lambdry_own"'
}' ERR
            fi
            ;;
          *) _lambdry_o+=("$_lambdry_s") ;;
          esac
        done
        [ ${#_lambdry_o[@]} -ne 0 ] || return 0
        builtin trap -- "$_lambdry_c" "${_lambdry_o[@]}" 2>&3
      } 3>&2 2>/dev/null
    }
    builtin trap @CHAINED@ ERR
    ;;
  esac
  case $_lambdry_h in
  bare) ;;
  *) set -E ;;
  esac
  export LAMBDRY_SHELL="$$:$_lambdry_h:$_lambdry_f"
  unset _lambdry_t _lambdry_h _lambdry_f
  : "$_lambdry_u"
} 2>/dev/null
