/** Stands for a namespace without a name, in which a file keeps its own; without the spaces and brackets compilers write. */
export const UNNAMED = '{anonymous}'
