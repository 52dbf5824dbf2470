require("../dist/pulumi/index.js").servePack(__dirname);
