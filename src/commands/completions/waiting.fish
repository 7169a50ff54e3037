    or begin
        # The last option may still wait for its value.
        set -e cmd[-1]
        argparse -s (__fish_sfmtls_global_optspecs) -- $cmd 2>/dev/null
    end
    or return
