USE CONNECTION connection
