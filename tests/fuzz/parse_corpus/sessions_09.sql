SET berth.on_error TO stop
