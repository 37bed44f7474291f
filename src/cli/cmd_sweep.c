/* The verb sweep: journal and table around the work.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/sweep.h"

/* Where the launchers put the number of processes and the rank; srun with PMIx names the rank only. */
unsigned sweep_launched_ranks(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = getenv(names[i]);
        if (text)
            return (unsigned)strtoul(text, NULL, 10);
    }
    const char *tasks = getenv("SLURM_NTASKS");
    return getenv("PMIX_RANK") && tasks ? (unsigned)strtoul(tasks, NULL, 10) : 1;
}

bool sweep_is_first_rank(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = getenv(names[i]);
        if (text)
            return strtoul(text, NULL, 10) == 0;
    }
    return true;
}

static void free_rows(char **rows, size_t n)
{
    for (size_t i = 0; rows && i < n; i++)
        free(rows[i]);
    free(rows);
}

static char *join(const char *a, const char *b)
{
    char *out;
    return asprintf(&out, "%s%s", a, b) < 0 ? NULL : out;
}

/* The journal's header: what is swept, and which shard. */
static char *full_header(const sweep *plan)
{
    char line[64];
    snprintf(line, sizeof line, "shard %zu %zu\n", plan->shard + 1, plan->shards);
    return join(plan->header, line);
}

/* Whether the file is a table of this command and version, and how many of its points disagree. */
static bool is_own_json(json_t *json, const sweep *plan, size_t *disagreeing)
{
    const char *version = json_string_value(json_object_get(json, "version"));
    const char *command = json_string_value(json_object_get(json, "command"));
    *disagreeing = (size_t)json_integer_value(json_object_get(json, "disagreeing"));
    return version && command && strcmp(version, PACKAGE_VERSION) == 0 && strcmp(command, plan->opts->command) == 0;
}

static bool is_own_table(const char *path, const sweep *plan, size_t *disagreeing)
{
    static const char count[] = "# disagreeing = ";
    char *line = NULL;
    size_t room = 0;
    bool own = true;
    json_t *json = json_load_file(path, 0, NULL);
    if (json) {
        own = is_own_json(json, plan, disagreeing);
        json_decref(json);
        return own;
    }
    FILE *file = fopen(path, "r");
    size_t i = 0;
    for (; file && own && getline(&line, &room, file) > 0 && *line == '#'; i++) {
        line[strcspn(line, "\n")] = 0;
        const char *name = i ? "# command = " : "# version = ";
        if (i < 2)
            own = strncmp(line, name, strlen(name)) == 0 &&
                  strcmp(line + strlen(name), i ? plan->opts->command : PACKAGE_VERSION) == 0;
        else if (strncmp(line, count, strlen(count)) == 0)
            *disagreeing = strtoul(line + strlen(count), NULL, 10);
    }
    if (file)
        fclose(file);
    free(line);
    return own && i >= 2;
}

static bool is_own_shard(const char *path, const char *header, const sweep *plan, size_t *disagreeing)
{
    char *found = NULL, *again = NULL, **rows = calloc(plan->points, sizeof *rows);
    size_t length;
    const bool same = rows && sweep_journal_read(path, &found, NULL, 0, &length, NULL) == QSG_OK && strcmp(found, header) == 0 &&
                      sweep_journal_read(path, &again, rows, plan->points, &length, NULL) == QSG_OK;
    if (same)
        *disagreeing = sweep_disagreeing(plan, rows);
    free_rows(rows, plan->points);
    free(found);
    free(again);
    return same;
}

/* An output that is there already is either complete, with its verdict, or somebody else's. */
static int check_output(const sweep *plan, const char *header, bool *complete)
{
    const char *path = plan->opts->texts[OPT_OUTPUT];
    struct stat info;
    size_t disagreeing = 0;
    qsg_error error;
    *complete = false;
    if (stat(path, &info) != 0)
        return EXIT_DONE;
    if (!S_ISREG(info.st_mode))
        return fail(qsg_fail(&error, QSG_EINPUT, "--output of a sweep is no plain file (%.200s); expected a file "
                             "that can be replaced", path), &error);
    *complete = plan->shards > 1 ? is_own_shard(path, header, plan, &disagreeing)
                                 : is_own_table(path, plan, &disagreeing);
    if (!*complete && info.st_size)
        return fail(qsg_fail(&error, QSG_EINPUT, "%.200s was not made by this command and version (it exists); "
                             "expected another --output, or none of it", path), &error);
    return *complete && disagreeing ? EXIT_DISAGREE : EXIT_DONE;
}

/* The last cell: ok, or why the point has no result. */
static const char *status_of(const char *row)
{
    return strrchr(row, '\t') + 1;
}

/* 1 when a comparison disagrees, as compare itself says. */
static int verdict(const sweep *plan, char *const *rows)
{
    return sweep_disagreeing(plan, rows) ? EXIT_DISAGREE : EXIT_DONE;
}

/* Whether any point was not refused: a refused row has no numbers. */
static bool has_results(const sweep *plan, char *const *rows)
{
    for (size_t i = 0; i < plan->points; i++) {
        const char *status = status_of(rows[i]);
        if (strcmp(status, SWEEP_OK) == 0 || strspn(rows[i], "-\t") < (size_t)(status - rows[i]))
            return true;
    }
    return false;
}

static int write_table(const sweep *plan, char *const *rows)
{
    qsg_error error;
    if (!has_results(plan, rows))
        return fail(qsg_fail(&error, QSG_EINPUT, "no point of the sweep has a result (the first: %.300s)",
                             status_of(rows[0])), &error);
    const int written = write_result(plan->opts, sweep_table(plan, rows));
    return written ? written : verdict(plan, rows);
}

/* A shard's file: the journal in grid order. */
static int write_shard(const sweep *plan, const char *header, char *const *rows)
{
    qsg_error error = {""};
    qsg_file file;
    qsg_status status = qsg_file_create(&file, plan->opts->texts[OPT_OUTPUT], &error);
    if (status)
        return fail(status, &error);
    fputs(header, file.stream);
    for (size_t i = plan->shard; i < plan->points && !status; i += plan->shards) {
        char *line = sweep_journal_line(i, rows[i]);
        if (line)
            fputs(line, file.stream);
        else
            status = qsg_fail(&error, QSG_ENOMEM, "no memory for a row");
        free(line);
    }
    status = qsg_file_commit(&file, status, &error);
    return status ? fail(status, &error) : verdict(plan, rows);
}

/* Resume or begin, let `run` do the points that are left, and write what comes out. */
static int lead(const sweep *plan, void (*run)(sweep_work *))
{
    const char *path = plan->opts->texts[OPT_OUTPUT];
    sweep_work work = {.plan = plan, .next = plan->shard};
    char *header = full_header(plan), *journal = join(path, ".partial");
    bool complete = false;
    int code = header && journal ? check_output(plan, header, &complete) : fail(QSG_ENOMEM, NULL);
    if (code || complete) {
        if (complete && !plan->opts->texts[OPT_QUIET])
            fprintf(stderr, "qsg: %s is complete\n", path);
        goto out;
    }
    work.rows = calloc(plan->points, sizeof *work.rows);
    qsg_status status =
        work.rows ? sweep_journal_open(&work.journal, journal, header, work.rows, plan->points, &work.error)
                  : qsg_fail(&work.error, QSG_ENOMEM, "no memory for %zu points", plan->points);
    if (status) {
        code = fail(status, &work.error);
        goto out;
    }
    for (size_t i = plan->shard; i < plan->points; i += plan->shards) {
        work.total++;
        work.done += work.rows[i] != NULL;
    }
    work.before = work.done;
    work.bar = progress_start("points", plan->opts->texts[OPT_QUIET] != NULL);
    if (work.done < work.total)
        run(&work);
    progress_end(&work.bar);
    if (work.status)
        code = fail(work.status, &work.error);
    else
        code = plan->shards > 1 ? write_shard(plan, header, work.rows) : write_table(plan, work.rows);
    const bool empty = !work.status && plan->shards == 1 && !has_results(plan, work.rows);
    const bool finished = code == EXIT_DONE || code == EXIT_DISAGREE || empty;
    status = sweep_journal_close(&work.journal, finished, &work.error);
    if (status && !code)
        code = fail(status, &work.error);
out:
    free_rows(work.rows, plan->points);
    free(header);
    free(journal);
    return code;
}

/* ---- shards together ---- */

/* A line "NAME VALUE" of the header into the plan. */
static qsg_status take_header_line(sweep *plan, options *opts, char *line, qsg_error *error)
{
    char *value = line + strcspn(line, " ");
    if (*value)
        *value++ = 0;
    if (strcmp(line, "command") == 0) {
        free(opts->command);
        opts->command = strdup(value);
        return opts->command ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for the command");
    }
    if (strcmp(line, "vary") == 0)
        return qsg_sweep_vary(&plan->grid, value, error);
    if (strcmp(line, "fixed") == 0)
        return qsg_settings_parse(&opts->settings, value, "\n", error);
    for (int i = 0; i < N_DO && strcmp(line, "do") == 0; i++)
        if (strcmp(value, sweep_verb_names[i]) == 0)
            plan->verb = (sweep_verb)i;
    return QSG_OK;
}

static qsg_status plan_of_header(sweep *plan, options *opts, const char *header, qsg_error *error)
{
    const char *columns = strstr(header, "\ncolumns ");
    char *copied = strdup(header), *rest = NULL, *list = NULL;
    qsg_status status = copied ? QSG_OK : qsg_fail(error, QSG_ENOMEM, "no memory for a header");
    plan->opts = opts;
    for (char *line = copied ? strtok_r(copied, "\n", &rest) : NULL; line && !status;
         line = strtok_r(NULL, "\n", &rest))
        status = take_header_line(plan, opts, line, error);
    if (!status && columns) {
        columns += strlen("\ncolumns ");
        list = strndup(columns, strcspn(columns, "\n"));
    }
    if (!status)
        status = sweep_columns_init(plan, list, error);
    plan->points = qsg_sweep_points(&plan->grid);
    plan->shards = 1;
    free(copied);
    free(list);
    return status;
}

/* The header without its last line, which names the shard. */
static size_t common_length(const char *header)
{
    const char *line = strstr(header, "\nshard ");
    return line ? (size_t)(line + 1 - header) : 0;
}

/* The rows of one more shard; the first one makes the plan. */
static qsg_status add_shard(sweep *plan, options *opts, const char *path, char **first, char ***rows, qsg_error *error)
{
    static const char start[] = SWEEP_MAGIC "\nversion " PACKAGE_VERSION "\n";
    char *header = NULL, *again = NULL;
    size_t length;
    qsg_status status = sweep_journal_read(path, &header, NULL, 0, &length, error);
    if (status)
        return status;
    const size_t common = common_length(header);
    if (strncmp(header, start, sizeof start - 1) != 0 || !common)
        status = qsg_fail(error, QSG_EINPUT, "%.200s is no shard of a sweep by qsg " PACKAGE_VERSION " (%.20s); "
                          "expected the output of sweep --shard", path, header);
    else if (*first && (common_length(*first) != common || strncmp(header, *first, common) != 0))
        status = qsg_fail(error, QSG_EINPUT, "%.200s is a shard of another command (the first file differs); expected "
                          "shards of one", path);
    else if (!*first) {
        *first = strdup(header);
        status = *first ? plan_of_header(plan, opts, header, error) : qsg_fail(error, QSG_ENOMEM, "no memory");
        if (!status && !(*rows = calloc(plan->points, sizeof **rows)))
            status = qsg_fail(error, QSG_ENOMEM, "no memory for %zu points", plan->points);
    }
    if (!status)
        status = sweep_journal_read(path, &again, *rows, plan->points, &length, error);
    free(header);
    free(again);
    return status;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* The shards say it all. */
static int check_merge(const options *given)
{
    qsg_error error;
    for (int i = 0; i < VERB_OPTIONS; i++)
        if (given->texts[i] && i != OPT_MERGE && i != OPT_OUTPUT && i != OPT_QUIET)
            return fail(qsg_fail(&error, QSG_EINPUT, "--merge takes its options from the shards (--%s given); expected FILE.. and -o "
                                 "FILE", option_name((verb_option)i)), &error);
    for (int i = 0; i < QSG_MODEL_OPTIONS; i++)
        if (given->settings.texts[i])
            return fail(qsg_fail(&error, QSG_EINPUT, "--merge takes its model from the shards (--%s given); expected FILE.. and -o "
                                 "FILE", qsg_model_options[i].name), &error);
    return EXIT_DONE;
}

static bool has_word(const char *text, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += length)
        if (at > text && at[-1] == ' ' && (!at[length] || at[length] == ' '))
            return true;
    return false;
}

static int merge(const options *given)
{
    qsg_error error = {""};
    sweep plan = {0};
    options opts = {.verb = given->verb};
    char *first = NULL, **rows = NULL;
    qsg_status status = QSG_OK;
    opts.texts[OPT_OUTPUT] = given->texts[OPT_OUTPUT];
    if (!given->n_rest || !given->texts[OPT_OUTPUT] || given->n_vary) {
        fprintf(stderr, "qsg: --merge needs shards and an output (%d files); expected qsg sweep --merge FILE.. -o FILE"
                        "\n",
                given->n_rest);
        return EXIT_USAGE;
    }
    if (check_merge(given))
        return EXIT_USAGE;
    for (int i = 0; i < given->n_rest && !status; i++)
        if (is_same_file(given->rest[i], given->texts[OPT_OUTPUT]))
            status = qsg_fail(&error, QSG_EINPUT, "--output would overwrite a shard (%.200s); expected another file",
                              given->rest[i]);
    for (int i = 0; i < given->n_rest && !status; i++)
        status = add_shard(&plan, &opts, given->rest[i], &first, &rows, &error);
    size_t missing = 0, gap = 0;
    for (size_t i = plan.points; !status && i-- > 0;)
        if (!rows[i]) {
            missing++;
            gap = i;
        }
    if (missing)
        status = qsg_fail(&error, QSG_EINPUT, "points of the sweep are missing (%zu of %zu, the first is %zu); "
                          "expected all shards, complete", missing, plan.points, gap + 1);
    if (first && has_word(opts.command ? opts.command : "", "--json"))
        opts.texts[OPT_JSON] = "";
    int code = status ? fail(status, &error) : write_table(&plan, rows);
    free_rows(rows, plan.points);
    free(first);
    sweep_free(&plan);
    options_free(&opts);
    return code;
}

#ifndef QSG_WITH_MPI
/* Become the program that is linked with MPI, which costs others nothing that way.  Returns only on failure. */
static int become_mpi(const options *opts)
{
    char program[PATH_MAX], path[PATH_MAX + 64];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length > 0) {
        program[length] = 0;
        *strrchr(program, '/') = 0;
        for (int i = 0; i < 2; i++) {
            snprintf(path, sizeof path, i ? "%s/../libexec/" PACKAGE "/qsg-mpi" : "%s/qsg-mpi", program);
            execv(path, opts->argv);
        }
    }
    execv(QSG_LIBEXECDIR "/qsg-mpi", opts->argv);
    fprintf(stderr, "qsg: this program was started %u times by mpirun, but qsg-mpi is missing (%s); expected a build "
            "with MPI: configure --with-mpi\n", sweep_launched_ranks(), strerror(errno));
    return EXIT_USAGE;
}
#endif

int cmd_sweep(options *opts)
{
    sweep plan = {0};
    if (opts->texts[OPT_MERGE])
        return merge(opts);
    if (opts->n_rest) {
        qsg_error error;
        return fail(qsg_fail(&error, QSG_EINPUT, "stray word on the command line (%.200s); expected options only",
                             opts->rest[0]), &error);
    }
    const bool parallel = sweep_launched_ranks() > 1;
#ifndef QSG_WITH_MPI
    if (parallel)
        return become_mpi(opts);
#endif
    failure ignored;
    if (!sweep_is_first_rank()) /* which tells the user */
        listen_to_failures(&ignored);
    int code = sweep_init(&plan, opts);
    listen_to_failures(NULL);
    if (!code) {
#ifdef QSG_WITH_MPI
        code = parallel ? sweep_mpi(&plan, lead) : lead(&plan, sweep_run);
#else
        code = lead(&plan, sweep_run);
#endif
    }
    sweep_free(&plan);
    return code;
}
