# SPDX-License-Identifier: LGPL-2.1-or-later
# The shape of C code: prints "file:line: what is too much" for functions over 60 lines or 5
# parameters, blocks nested over 3 deep, lines over 100 columns (104 with
# the backslash of a macro), files over 500 lines.
# It leans on our own layout: a function's braces stand in the first column.

function strip(line,    out, c, i, n) { # without comments, strings, characters
	out = ""
	n = length(line)
	for (i = 1; i <= n; i++) {
		c = substr(line, i, 1)
		if (in_comment) {
			if (c == "*" && substr(line, i + 1, 1) == "/") {
				in_comment = 0
				i++
			}
		} else if (c == "/" && substr(line, i + 1, 1) == "*") {
			in_comment = 1
			i++
		} else if (c == "/" && substr(line, i + 1, 1) == "/") {
			break
		} else if (c == "\"" || c == "'") {
			for (i++; i <= n && substr(line, i, 1) != c; i++)
				if (substr(line, i, 1) == "\\")
					i++
			out = out "0"
		} else {
			out = out c
		}
	}
	return out
}

function columns(line,    i, n, col) {
	col = 0
	n = length(line)
	for (i = 1; i <= n; i++)
		col = substr(line, i, 1) == "\t" ? col + 8 - col % 8 : col + 1
	return col
}

function parameters(head,    i, n, c, depth, commas) { # without errors and "..."
	commas = -gsub(/struct (error|oci_problems) \*/, "&", head) - gsub(/\.\.\./, "&", head)
	n = length(head)
	for (i = index(head, "("); i <= n; i++) {
		c = substr(head, i, 1)
		if (c == "(")
			depth++
		else if (c == ")" && --depth == 0)
			break
		else if (c == "," && depth == 1)
			commas++
	}
	return commas + 1
}

function file_ends() {
	if (last_line > 500)
		printf "%s:1: %d lines, at most 500\n", last_file, last_line
}

FNR == 1 {
	file_ends()
	in_comment = in_function = depth = 0
	head = ""
}
{
	last_file = FILENAME
	last_line = FNR
	if (FILENAME !~ /\.def$/ && columns($0) > (/\\$/ ? 104 : 100))
		printf "%s:%d: %d columns, at most 100\n", FILENAME, FNR, columns($0)
	code = strip($0)
}
!in_function && code ~ /^{/ && head ~ /\(/ && head !~ /=/ {
	in_function = FNR
	depth = 0
	if (parameters(head) > 5)
		printf "%s:%d: %d parameters, at most 5\n", FILENAME, FNR - 1, parameters(head)
}
!in_function {
	if (code ~ /^#/ || code ~ /[;}]/)
		head = ""
	else
		head = head " " code
	next
}
{
	opened = gsub(/{/, "{", code)
	closed = gsub(/}/, "}", code)
	depth += opened - closed
	if (opened && depth > 4 && code !~ /[=(] *{|^[\t ]*{/)
		printf "%s:%d: %d levels of blocks, at most 3\n", FILENAME, FNR, depth - 1
}
code ~ /^}/ {
	if (FNR - in_function - 1 > 60)
		printf "%s:%d: a function of %d lines, at most 60\n", FILENAME, in_function, \
			FNR - in_function - 1
	in_function = 0
	head = ""
}
END {
	file_ends()
}
