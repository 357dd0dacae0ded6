// Functions without a body are allowed in a package that has a file like this.
