/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that uses libocirt as anybody would, with its header alone:
 *   run-container STATE_DIRECTORY BUNDLE ID
 * The bundle's program ends with status 7.  Prints what it sees, and "done" at the end.
 */
#include <ocirt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ocirt *rt;

static void need(int result, const char *what)
{
	if (result == 0)
		return;
	fprintf(stderr, "%s: %s (kind %d)\n", what, ocirt_error(rt), ocirt_error_kind(rt));
	ocirt_free(rt);
	exit(1);
}

static int count_step(void *context, const struct ocirt_step *step)
{
	++*(int *)context;
	return !step->role || !step->kind || !step->sentence;
}

static int show_problem(void *context, const struct ocirt_problem *problem)
{
	(void)context;
	printf("problem: %s\n", problem->text);
	return 0;
}

static int show_container(void *context, const struct ocirt_container *container)
{
	(void)context;
	printf("listed: %s %s\n", container->id, container->status);
	return 0;
}

/* What can be asked of a container that runs. */
static void control(const char *id)
{
	char shell[] = "/bin/sh", option[] = "-c", script[] = "exit 5";
	char *command[] = { shell, option, script, NULL };
	char *text = NULL;
	int *pids = NULL;
	int status = 0;
	size_t n = 0;

	need(ocirt_exec(rt, id, command, &status), "exec");
	printf("executed: %d\n", status);
	need(ocirt_pause(rt, id), "pause");
	need(ocirt_state(rt, id, &text), "state");
	printf("paused: %d\n", strstr(text, "\"paused\"") != NULL);
	free(text);
	need(ocirt_resume(rt, id), "resume");
	need(ocirt_pids(rt, id, &pids, &n), "pids");
	printf("pids: %zu\n", n);
	free(pids);
	need(ocirt_update(rt, id, "{\"pids\": {\"limit\": 55}}"), "update");
	need(ocirt_stats(rt, id, &text), "stats");
	printf("limited: %d\n", strstr(text, "\"limit\":55") != NULL);
	free(text);
	need(ocirt_mounts_add(rt, id, "[{\"destination\": \"/opt\", \"type\": \"tmpfs\"}]"), "add");
	need(ocirt_mounts_remove(rt, id, "[{\"destination\": \"/opt\"}]"), "remove");
	if (ocirt_mounts_remove(rt, id, "[{\"destination\": \"/opt\"}]") == 0)
		need(-1, "remove twice");
}

/* One container by its verbs. */
static void step_by_step(const char *id, const char *bundle)
{
	char *state = NULL;

	need(ocirt_create(rt, id, bundle), "create");
	need(ocirt_state(rt, id, &state), "state");
	printf("created: %d\n", strstr(state, "\"created\"") != NULL);
	free(state);
	need(ocirt_list(rt, show_container, NULL), "list");
	if (ocirt_create(rt, id, bundle) == 0)
		need(-1, "create twice");
	printf("twice: %d\n", ocirt_error_kind(rt) == OCIRT_ERROR_STATE);
	control(id);
	need(ocirt_start(rt, id), "start");
	need(ocirt_delete(rt, id, true), "delete");
	printf("deleted: %d\n", ocirt_state(rt, id, &state) < 0);
}

int main(int argc, char **argv)
{
	const char *id = argc == 4 ? argv[3] : "";
	int steps = 0, status = -1;

	if (argc != 4 || !(rt = ocirt_new(argv[1])))
		return 2;
	need(ocirt_check(rt, argv[2], show_problem, NULL), "check");
	need(ocirt_plan(rt, id, argv[2], count_step, &steps), "plan");
	printf("planned: %d\n", steps > 10);
	step_by_step(id, argv[2]);
	need(ocirt_run(rt, id, argv[2], &status), "run");
	printf("status: %d\n", status);
	ocirt_free(rt);
	printf("done\n");
	return 0;
}
