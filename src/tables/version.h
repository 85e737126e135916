/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The versions of the specification that oci-rt knows (features.md: ociVersionMin, Max). */
#pragma once
#define OCI_VERSION_MIN "1.0.0"
#define OCI_VERSION "1.3.0"
