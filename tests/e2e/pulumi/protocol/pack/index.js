require("../../../../../dist/pulumi/server.js").serve(__dirname, require("../core.cjs"));
