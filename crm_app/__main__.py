from crm_app.runtime.cli import main

main()
