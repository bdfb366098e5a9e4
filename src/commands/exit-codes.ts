/** As sysexits.h has them: the command line, and what a file holds. */
export const USAGE = 64
export const INVALID = 65

/** Of `exec` and `sandbox`; `env`, `nohup` and the like fail with it, so that it can be told from the command's own. */
export const NOT_STARTED = 125
