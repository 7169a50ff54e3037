
# The command line behind "--", completed as one.
function __fish_sfmtls_command
    complete -C (string replace -r '^.*?\s--\s+' '' -- (commandline -cp))
end

