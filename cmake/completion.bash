# Completion of berth's command line.

_berth_connections() {
  local words=("${COMP_WORDS[@]}") catalog=() i
  for ((i = 1; i < ${#words[@]} - 1; ++i)); do
    [[ ${words[i]} == --catalog ]] && catalog=(--catalog "${words[i + 1]}")
  done
  "${words[0]}" -X "${catalog[@]}" -o plain -c 'SELECT name FROM system.information_schema.connections' 2>/dev/null </dev/null
}

_berth() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=shell word i
  local commands='shell exec migrate dump import serve init doctor backup restore check rekey'
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    [[ $command == exec && $word == -- ]] && return  # the program's own arguments
    [[ $i == 1 && " $commands " == *" $word "* ]] && command=$word
  done

  case $previous in
    -C | --connection)
      local IFS=$'\n'
      mapfile -t COMPREPLY < <(compgen -W "$(_berth_connections)" -- "$current")
      return
      ;;
    -o | --output) word='table unaligned json jsonl csv tsv plain' ;;
    --on-error) word='stop continue' ;;
    --error-format) word='text json' ;;
    --assume) word='applied not-applied' ;;
    --auth) word='sigv4 none' ;;
    --from) word='airflow dbt pgservice dbt-manifest' ;;
    -f | --file | --keys | --tls-cert | --tls-key | --audit-log)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    --dir | --data)
      mapfile -t COMPREPLY < <(compgen -d -- "$current")
      return
      ;;
    *) word= ;;
  esac
  if [[ -z $word ]]; then
    case $command in
      shell)
        word='-c --command -f --file -C --connection -o --output -e --echo --on-error --error-format --set --timeout --catalog
          -X --no-berthrc --help --version'
        [[ $COMP_CWORD == 1 ]] && word="$commands $word"
        ;;
      exec) word='-C --connection --slots --wait --catalog --help --' ;;
      migrate)
        word='status plan up validate repair diff new --to --no-wait --wait --timeout --assume --repeatable --dir --catalog --set
          --history-schema -o --help'
        ;;
      dump) word='--catalog --help' ;;
      import) word='--from --apply --target --passfile --catalog --help' ;;
      serve)
        word='--listen --dev --keys --auth --tls-cert --tls-key --insecure-http --metrics --catalog --data --durable --retention
          --result-max-bytes --results-max-bytes --max-row-bytes --active-max --active-per-user-max --workers --hold-describe
          --audit-log --audit-sql --event-url --drain --help'
        ;;
      init) word='--system --group --catalog --help' ;;
      doctor) word='--catalog --timeout --help' ;;
      backup) word='--with-key --catalog --help' ;;
      *) word='--catalog --help' ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$word" -- "$current")
  [[ ${#COMPREPLY[@]} == 0 && $current != -* && ($command == backup || $command == restore || $command == import) ]] &&
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
complete -F _berth berth
