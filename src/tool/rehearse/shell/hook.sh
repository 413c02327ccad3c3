# Every bash of a rehearsal reads this file first. It puts the stage's folder first on PATH, sets an ERR trap, and marks
# calls with the bash that makes them. `hook.rs` replaces the names between at signs, leaves these lines out and reads
# the records.
#
# Some programs put their own folder before the stage's on PATH, such as a login shell's profile or a tool's shim. This
# file puts the stage's folder first again. pyenv and similar tools are bash scripts that put their folder first just
# before they start the real program; in these the stage's folder is put first before each command.
#
# A script sees no function of lambdry unless its text sets an ERR trap, lists its traps or sources another file. Then
# `trap` is a function that keeps the two traps apart. Where this is not possible, no trap is set: with DEBUG and RETURN
# traps, with `set +E`, and in POSIX mode. Nothing here is traced or changes `$_`, and only what `trap` needs stays.
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
    # The functions that are running, the outermost first, without the two innermost.
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
    # Writes the record. Fails with the status if the script's own trap must run.
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
